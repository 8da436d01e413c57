import type { Refund, RefundStatus } from '../api/types';
import type { Tone } from '../ui/Pill';

export const REFUND_STATUSES = [
  'requested',
  'outside',
  'approved',
  'unknown',
  'processing',
  'not_enough',
  'abnormal',
  'redirecting',
  'succeeded',
  'declined',
  'refused',
  'closed',
] as const satisfies readonly RefundStatus[];

/** What the list can be narrowed to with one press; the others are found in "all". */
export const REFUND_FILTERS = [
  'requested',
  'processing',
  'not_enough',
  'abnormal',
  'succeeded',
] as const satisfies readonly RefundStatus[];

/** Green stays for money that came: a refund that got through is calm, one that needs a person is red. */
export const REFUND_TONE: Record<RefundStatus, Tone> = {
  requested: 'waiting',
  outside: 'waiting',
  approved: 'waiting',
  unknown: 'waiting',
  processing: 'waiting',
  not_enough: 'danger',
  abnormal: 'danger',
  redirecting: 'waiting',
  succeeded: 'muted',
  declined: 'muted',
  refused: 'danger',
  closed: 'muted',
};

const OVER: readonly RefundStatus[] = ['succeeded', 'declined', 'refused', 'closed'];

/** Whether the institution or a person may still move it. */
export function isOpen(refund: Refund): boolean {
  return !OVER.includes(refund.status);
}
