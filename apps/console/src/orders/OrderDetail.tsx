import { CloseOutlined } from '@ant-design/icons';
import { useQuery } from '@tanstack/react-query';
import { Button, Skeleton } from 'antd';
import { useEffect, useRef, useState } from 'react';
import { api } from '../api/client';
import type { Order, Payment } from '../api/types';
import { useText } from '../i18n';
import { RefundCard } from '../refunds/RefundCard';
import { leftOf, RequestDialog } from '../refunds/RequestDialog';
import { isOpen } from '../refunds/status';
import { useAdmin } from '../session/session';
import { CopyButton } from '../ui/CopyButton';
import { type Fact, Facts } from '../ui/Facts';
import { formatFen } from '../ui/money';
import { Pill } from '../ui/Pill';
import { ErrorState } from '../ui/states';
import { formatTime } from '../ui/time';
import { channelText, ORDER_TONE, paymentStatusText, paymentTone, tradeTypeText, wasPaid } from './status';
import { Timeline } from './Timeline';
import '../refunds/refunds.css';

const WAITING_REFETCH_MS = 5000;

/** One order: how much and whether it came, what was filled in, each attempt to pay, and what happened when. */
export function OrderDetail({ id, onClose }: { id: string; onClose(): void }) {
  const t = useText();
  const panel = useRef<HTMLElement>(null);
  const query = useQuery({
    queryKey: ['order', id],
    queryFn: () => api.orders.get(id),
    // An order that may still be paid is looked at again while it is open on screen.
    refetchInterval: ({ state }) =>
      state.data && ['created', 'pending'].includes(state.data.status) ? WAITING_REFETCH_MS : false,
  });
  useEffect(() => panel.current?.focus({ preventScroll: true }), []);

  return (
    <section
      ref={panel}
      className="detail"
      tabIndex={-1}
      aria-label={t.orders.detail}
      data-testid="order-detail"
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
    >
      <Button
        className="detail-close"
        type="text"
        icon={<CloseOutlined />}
        aria-label={t.orders.closeDetail}
        onClick={onClose}
      />
      {query.data && <OrderBody order={query.data} />}
      {query.isPending && <Skeleton active paragraph={{ rows: 10 }} />}
      {query.isError && !query.data && (
        <ErrorState
          error={query.error}
          onRetry={() => void query.refetch()}
          missing={{ title: t.orders.missingTitle, text: t.orders.missingText }}
        />
      )}
    </section>
  );
}

function OrderBody({ order }: { order: Order }) {
  const t = useText();
  const filled: Fact[] = order.fields.map(({ label, value }) => ({ label, value }));
  return (
    <>
      <Pill tone={ORDER_TONE[order.status]} testid="order-status">
        {t.orders.statuses[order.status]}
      </Pill>
      <h2 className={wasPaid(order.status) ? 'detail-amount num' : 'detail-amount num unpaid'}>
        <small>¥</small>
        {formatFen(order.amount_fen)}
      </h2>
      <p className="detail-no num">
        {order.order_no}
        <CopyButton text={order.order_no} label={t.orders.copyOrderNo} />
      </p>
      {filled.length > 0 && (
        <>
          <h3>{t.orders.business}</h3>
          <Facts facts={filled} />
        </>
      )}
      <h3>{t.orders.orderFacts}</h3>
      <Facts facts={orderFacts(order, t)} />
      <h3>{t.orders.payments}</h3>
      {order.payments.length === 0 && <p className="quiet">{t.orders.noPayments}</p>}
      {order.payments.map((payment) => (
        <PaymentCard key={payment.payment_id} order={order} payment={payment} />
      ))}
      <OrderRefunds order={order} />
      <h3>{t.orders.timeline}</h3>
      <Timeline entries={order.timeline} />
    </>
  );
}

function orderFacts(order: Order, t: ReturnType<typeof useText>): Fact[] {
  const facts: Fact[] = [
    { label: t.orders.manager, value: order.manager_name },
    { label: t.orders.code, value: order.code_name },
    { label: t.orders.channel, value: channelText(order.channel, t) },
    { label: t.orders.createdAt, value: formatTime(order.created_at_ms), num: true },
  ];
  if (order.paid_at_ms !== null) {
    facts.push({ label: t.orders.paidAt, value: formatTime(order.paid_at_ms), num: true });
  } else if (order.status !== 'closed') {
    facts.push({ label: t.orders.expiresAt, value: formatTime(order.expires_at_ms), num: true });
  }
  facts.push({ label: t.orders.formVersion, value: t.orders.versionN(order.form_version) });
  return facts;
}

/** What goes back of the order's payments, oldest first. */
function OrderRefunds({ order }: { order: Order }) {
  const t = useText();
  const touched = order.payments.some((payment) => payment.status === 'paid');
  const query = useQuery({
    queryKey: ['order-refunds', order.order_id],
    queryFn: () => api.orders.refunds(order.order_id),
    enabled: touched,
    refetchInterval: ({ state }) => (state.data?.some(isOpen) ? WAITING_REFETCH_MS : false),
  });
  if (!query.data || query.data.length === 0) return null;
  return (
    <>
      <h3>{t.refunds.ofOrder}</h3>
      {query.data.map((refund) => (
        <RefundCard key={refund.refund_id} refund={refund} linked />
      ))}
    </>
  );
}

function PaymentCard({ order, payment }: { order: Order; payment: Payment }) {
  const t = useText();
  const admin = useAdmin();
  const [asking, setAsking] = useState(false);
  const left = leftOf(payment);
  const facts: Fact[] = [{ label: t.orders.outTradeNo, value: payment.out_trade_no, num: true, copy: true }];
  if (payment.transaction_id !== null) {
    facts.push({ label: t.orders.transactionId, value: payment.transaction_id, num: true, copy: true });
  }
  if (payment.payer_total_fen !== null) {
    facts.push({ label: t.orders.payerTotal, value: `¥${formatFen(payment.payer_total_fen)}`, num: true });
  }
  facts.push(
    payment.success_at_ms === null
      ? { label: t.orders.attemptAt, value: formatTime(payment.created_at_ms), num: true }
      : { label: t.orders.successAt, value: formatTime(payment.success_at_ms), num: true },
  );
  if (payment.refunded_fen > 0) {
    facts.push({ label: t.refunds.refundedFen, value: `¥${formatFen(payment.refunded_fen)}`, num: true });
  }
  if (payment.refund_reserved_fen > 0) {
    facts.push({ label: t.refunds.reservedFen, value: `¥${formatFen(payment.refund_reserved_fen)}`, num: true });
  }
  return (
    <div className="payment">
      <div className="payment-head">
        <strong>{tradeTypeText(payment.trade_type, t)}</strong>
        <Pill tone={paymentTone(payment.status)}>{paymentStatusText(payment.status, t)}</Pill>
        <span className="num amount">¥{formatFen(payment.amount_fen)}</span>
      </div>
      <Facts facts={facts} />
      {payment.note && <p className="payment-note">{payment.note}</p>}
      {left > 0 && admin.permissions.includes('refund.request') && (
        <div className="payment-foot">
          <Button data-testid="refund-request" onClick={() => setAsking(true)}>
            {t.refunds.request}
          </Button>
        </div>
      )}
      {asking && <RequestDialog order={order} payment={payment} onClose={() => setAsking(false)} />}
    </div>
  );
}
