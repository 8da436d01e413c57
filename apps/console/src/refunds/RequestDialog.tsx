import { useMutation } from '@tanstack/react-query';
import { Alert, App, Form, Input, Modal } from 'antd';
import { useMemo } from 'react';
import { api } from '../api/client';
import type { Order, Payment, Refund } from '../api/types';
import { usePreferences } from '../app/preferences';
import { useText } from '../i18n';
import { showProblem } from '../ui/formProblem';
import { fenToInput, formatFen, parseYuan } from '../ui/money';
import { useRefundsChanged } from './actions';

/** 365 days: afterwards the institution takes no refund, and what was given back otherwise is recorded by two persons. */
const REFUND_YEAR_MS = 365 * 86_400_000;

export function leftOf(payment: Payment): number {
  return payment.status === 'paid' ? payment.amount_fen - payment.refunded_fen - payment.refund_reserved_fen : 0;
}

interface RequestDialogProps {
  order: Order;
  payment: Payment;
  onClose(): void;
}

/** Asks for a refund of one payment: how much and why. */
export function RequestDialog({ order, payment, onClose }: RequestDialogProps) {
  const t = useText();
  const { language } = usePreferences();
  const { message } = App.useApp();
  const changed = useRefundsChanged();
  const [form] = Form.useForm<{ amount_fen: string; reason: string }>();
  const left = leftOf(payment);
  const outside = payment.success_at_ms !== null && Date.now() - payment.success_at_ms > REFUND_YEAR_MS;
  // One key for this dialog: pressing twice, or again after a lost answer, is one refund.
  const submission = useMemo(() => crypto.randomUUID(), []);
  const ask = useMutation({
    mutationFn: (typed: { amount_fen: string; reason: string }) =>
      api.refunds.request(order.order_id, {
        payment_id: payment.payment_id,
        amount_fen: parseYuan(typed.amount_fen) ?? 0,
        reason: typed.reason.trim(),
        submission,
        outside,
      }),
    onSuccess: (refund: Refund) => {
      message.success(t.refunds.asked[refund.status === 'approved' ? 'approved' : 'requested']);
      changed();
      onClose();
    },
    onError: (error) => showProblem(form, error, language, ['amount_fen', 'reason'], (text) => message.error(text)),
  });
  return (
    <Modal
      open
      title={outside ? t.refunds.outsideTitle : t.refunds.requestTitle}
      okText={outside ? t.refunds.outsideSubmit : t.refunds.requestSubmit}
      cancelText={t.common.cancel}
      confirmLoading={ask.isPending}
      okButtonProps={{ 'data-testid': 'refund-submit' }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <p className="dialog-intro num">
        {t.refunds.requestIntro(order.title, formatFen(payment.amount_fen), formatFen(left))}
      </p>
      {outside && <Alert className="dialog-alert" type="warning" showIcon title={t.refunds.outsideHint} />}
      <Form
        form={form}
        layout="vertical"
        requiredMark={false}
        initialValues={{ amount_fen: fenToInput(left), reason: '' }}
        onFinish={(typed) => ask.mutate(typed)}
      >
        <Form.Item
          name="amount_fen"
          label={t.refunds.amount}
          validateTrigger="onBlur"
          rules={[
            {
              validator: (_, text: string) => {
                const fen = parseYuan(text ?? '');
                if (fen === null || fen <= 0) return Promise.reject(new Error(t.refunds.badAmount));
                if (fen > left) return Promise.reject(new Error(t.refunds.tooMuch(formatFen(left))));
                return Promise.resolve();
              },
            },
          ]}
        >
          <Input prefix="¥" inputMode="decimal" autoComplete="off" data-testid="refund-amount" />
        </Form.Item>
        <Form.Item
          name="reason"
          label={outside ? t.refunds.outsideReason : t.refunds.reason}
          extra={outside ? undefined : t.refunds.reasonHint}
          rules={[{ required: true, whitespace: true, message: t.refunds.needWords }]}
        >
          <Input.TextArea
            maxLength={80}
            showCount
            autoSize={{ minRows: 2, maxRows: 4 }}
            placeholder={outside ? t.refunds.outsidePlaceholder : t.refunds.reasonPlaceholder}
            data-testid="refund-reason"
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
