import { useState } from 'react';
import { type ApiError, asApiError } from '../../api/errors';
import type { RecordDetail } from '../../api/types';
import { fenToInput, formatFen, parseYuan } from '../../core/money';
import { fullTime } from '../../core/time';
import { refundName } from '../../core/words';
import { api } from '../../state/app';
import { Icon } from '../../ui/Icon';
import { Box, Field, FormBox, Heading, Tap, Txt } from '../../ui/kit';

/** What went back of this record, and the way to ask for it: somebody of the company approves. */
export function RefundBox({ record, onAsked }: { record: RecordDetail; onAsked(): void }) {
  const [open, setOpen] = useState(false);
  return (
    <>
      {record.refunds.map((refund) => (
        <Box className="card refund" key={refund.refund_id} testid="record-refund">
          <Box className="refund-head">
            <Txt className={refund.status === 'succeeded' ? 'refund-done' : 'refund-wait'}>{refundName(refund)}</Txt>
            <Txt className="refund-sum num">{`¥${formatFen(refund.amount_fen)}`}</Txt>
          </Box>
          <Box className="refund-line">{refund.reason}</Box>
          <Box className="refund-line num">{`${refund.asked_by} · ${fullTime(refund.asked_at_ms)}`}</Box>
          {refund.success_at_ms !== null && (
            <Box className="refund-line num">{`${fullTime(refund.success_at_ms)} 退回${refund.received_account ?? ''}`}</Box>
          )}
          {refund.note && <Box className="refund-line">{refund.note}</Box>}
        </Box>
      ))}
      {!open && record.refundable_fen > 0 && (
        <Tap className="refund-ask" onTap={() => setOpen(true)} testid="record-refund-open">
          申请退款
        </Tap>
      )}
      {open && <AskForm record={record} onAsked={onAsked} onClose={() => setOpen(false)} />}
    </>
  );
}

interface AskFormProps {
  record: RecordDetail;
  onAsked(): void;
  onClose(): void;
}

function AskForm({ record, onAsked, onClose }: AskFormProps) {
  const [amount, setAmount] = useState(fenToInput(record.refundable_fen));
  const [reason, setReason] = useState('');
  const [wrong, setWrong] = useState<{ amount?: string; reason?: string }>({});
  const [error, setError] = useState<ApiError | null>(null);
  const [busy, setBusy] = useState(false);
  // One key for this form: pressing twice, or again after a lost answer, is one request.
  const [submission] = useState(() => `${Date.now()}-${Math.random().toString(36).slice(2)}`);

  const submit = async () => {
    if (busy) return;
    const fen = parseYuan(amount);
    const most = record.refundable_fen;
    const blame = {
      amount:
        fen === null || fen === 0
          ? '请填写金额，最多两位小数。'
          : fen > most
            ? `最多还能退 ${formatFen(most)} 元。`
            : undefined,
      reason: reason.trim() ? undefined : '请填写退款原因，付款人会看到。',
    };
    setWrong(blame);
    setError(null);
    if (blame.amount || blame.reason || fen === null) return;
    setBusy(true);
    try {
      await api.requestRefund(record.record_id, { amount_fen: fen, reason: reason.trim(), submission });
      onClose();
      onAsked();
    } catch (e) {
      const problem = asApiError(e);
      const field = (name: string) => problem.problem?.errors?.find((one) => one.field === name)?.message;
      const said = { amount: field('amount_fen'), reason: field('reason') };
      setWrong(said);
      if (!said.amount && !said.reason) setError(problem);
      setBusy(false);
    }
  };

  return (
    <Box className="card refund-form" testid="record-refund-form">
      <Heading level={2} className="refund-title">
        申请退款
      </Heading>
      <Box className="refund-hint">公司审批后，钱原路退回付款人。</Box>
      <FormBox onSubmit={() => void submit()}>
        <Field
          name="refund-amount"
          label="退款金额（元）"
          kind="amount"
          value={amount}
          error={wrong.amount ?? null}
          testid="record-refund-amount"
          onChange={setAmount}
          onEnter={() => void submit()}
        />
        <Field
          name="refund-reason"
          label="退款原因"
          kind="words"
          value={reason}
          error={wrong.reason ?? null}
          testid="record-refund-reason"
          onChange={setReason}
          onEnter={() => void submit()}
        />
        {error && (
          <Box className="note note-gold" role="alert">
            <Icon name="circle-alert" />
            <Txt>{error.message}</Txt>
          </Box>
        )}
        <Box className="refund-acts">
          <Tap className="refund-cancel" onTap={onClose}>
            取消
          </Tap>
          <Tap
            className="pill refund-submit"
            submit
            disabled={busy}
            onTap={() => void submit()}
            testid="record-refund-submit"
          >
            {busy ? '正在提交…' : '提交申请'}
          </Tap>
        </Box>
      </FormBox>
    </Box>
  );
}
