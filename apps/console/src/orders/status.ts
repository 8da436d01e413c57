import type { OrderStatus } from '../api/types';
import type { Text } from '../i18n/zh';
import type { Tone } from '../ui/Pill';

export const ORDER_STATUSES = [
  'created',
  'pending',
  'paid',
  'partly_refunded',
  'refunded',
  'closed',
] as const satisfies readonly OrderStatus[];

export const ORDER_TONE: Record<OrderStatus, Tone> = {
  created: 'waiting',
  pending: 'waiting',
  paid: 'received',
  closed: 'muted',
  partly_refunded: 'received',
  refunded: 'muted',
};

/** Whether money came, whatever went back of it since. */
export function wasPaid(status: OrderStatus): boolean {
  return status === 'paid' || status === 'partly_refunded' || status === 'refunded';
}

const SUCCEEDED = new Set(['succeeded', 'success', 'paid']);
const OVER = new Set(['failed', 'closed']);

/** A payment's state is the channel's story and may grow words; an unknown one is shown as it is, as waiting. */
export function paymentTone(status: string): Tone {
  const key = status.toLowerCase();
  if (SUCCEEDED.has(key)) return 'received';
  return OVER.has(key) ? 'muted' : 'waiting';
}

export function paymentStatusText(status: string, t: Text): string {
  return t.orders.paymentStatuses[status.toLowerCase()] ?? status;
}

export function channelText(channel: string | null, t: Text): string {
  return channel === null ? t.common.none : (t.orders.channels[channel] ?? channel);
}

export function tradeTypeText(tradeType: string, t: Text): string {
  const key = tradeType.toLowerCase();
  return t.orders.tradeTypes[key] ?? tradeType;
}
