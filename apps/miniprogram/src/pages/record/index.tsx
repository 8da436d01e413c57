import { useRouter } from '@tarojs/taro';
import { useCallback, useEffect, useState } from 'react';
import { type ApiError, asApiError } from '../../api/errors';
import type { RecordDetail } from '../../api/types';
import { bigSumClass, formatFen } from '../../core/money';
import { fullTime } from '../../core/time';
import { bookedNote, channelName, stateName } from '../../core/words';
import { platform } from '../../platform';
import { api, onRefund } from '../../state/app';
import { useSession } from '../../ui/hooks';
import { Icon } from '../../ui/Icon';
import { Box, Pair, Pairs, Screen, Tap, Txt } from '../../ui/kit';
import { Failed, Skeleton } from '../../ui/States';
import { RefundBox } from './RefundBox';
import './index.css';

export default function RecordPage() {
  const session = useSession();
  const id = useRouter().params.id ?? '';
  const [record, setRecord] = useState<RecordDetail | null>(null);
  const [error, setError] = useState<ApiError | null>(null);

  const load = useCallback(() => {
    setError(null);
    api.record(id).then(setRecord, (e) => setError(asApiError(e)));
  }, [id]);
  const ready = session !== null;
  useEffect(() => {
    if (ready) load();
  }, [ready, load]);

  const orderId = record?.order_id;
  useEffect(
    () =>
      onRefund((moved) => {
        if (moved === orderId) load();
      }),
    [orderId, load],
  );

  return (
    <Screen title="收款详情">
      {!record && !error && <Skeleton rows={6} />}
      {error && <Failed text={error.code === 'not_found' ? '没有找到这笔记录。' : error.message} onRetry={load} />}
      {record && <Detail record={record} onAsked={load} />}
    </Screen>
  );
}

function Detail({ record, onAsked }: { record: RecordDetail; onAsked(): void }) {
  const payer = record.payer_total_fen;
  const note = bookedNote(record);
  return (
    <Box testid="record-detail">
      <Box className="card paid">
        <Box className="paid-state">
          <Icon name="circle-check" />
          <Txt>{stateName(record)}</Txt>
        </Box>
        <Box className={`paid-sum ${bigSumClass(record.amount_fen)}`}>
          <Txt className="paid-yuan">¥</Txt>
          <Txt>{formatFen(record.amount_fen)}</Txt>
        </Box>
        {payer !== null && payer !== record.amount_fen && (
          <Box className="paid-note num">{`付款人实付 ¥${formatFen(payer)}，其余为优惠`}</Box>
        )}
        {note && <Box className="paid-note">{note}</Box>}
        {record.refunded_fen > 0 && (
          <Box className="paid-note num" testid="record-refunded">{`已退款 ¥${formatFen(record.refunded_fen)}`}</Box>
        )}
      </Box>
      <Pairs className="card pairs">
        {record.fields.map((f) => (
          <Pair key={f.label} name={f.label}>
            {f.value || '未填写'}
          </Pair>
        ))}
      </Pairs>
      <Pairs className="card pairs">
        <Pair name="付款方式">{channelName(record.channel)}</Pair>
        <Pair name="付款时间">{fullTime(record.paid_at_ms)}</Pair>
        <Pair name="下单时间">{fullTime(record.created_at_ms)}</Pair>
        <Pair name="收款码">{`${record.code_name} ${record.code_short_id}`}</Pair>
        <Pair name="订单号">
          <Copyable text={record.order_no} />
        </Pair>
        <Pair name="支付单号">
          <Txt className="long-id num">{record.transaction_id}</Txt>
        </Pair>
      </Pairs>
      <RefundBox record={record} onAsked={onAsked} />
    </Box>
  );
}

function Copyable({ text }: { text: string }) {
  const [said, setSaid] = useState<string | null>(null);
  const copy = () =>
    platform.copy(text).then(
      () => setSaid('已复制'),
      () => setSaid('没有复制成功，请长按选取'),
    );
  return (
    <Box className="copy">
      <Txt className="copy-text long-id num">{text}</Txt>
      <Tap className="copy-act" onTap={() => void copy()} label="复制订单号" testid="record-copy">
        <Icon name={said === '已复制' ? 'check' : 'copy'} />
        <Txt live="polite">{said ?? '复制'}</Txt>
      </Tap>
    </Box>
  );
}
