import type { TableColumnsType } from 'antd';
import { Link, type LinkProps } from 'react-router';
import type { OrderSummary } from '../api/types';
import type { Text } from '../i18n/zh';
import { formatFen } from '../ui/money';
import { Pill } from '../ui/Pill';
import { formatShortTime, formatTime } from '../ui/time';
import { channelText, ORDER_TONE } from './status';

export const COLUMN_KEYS = [
  'createdAt',
  'orderNo',
  'payer',
  'manager',
  'code',
  'channel',
  'amount',
  'status',
  'paidAt',
] as const;
export type ColumnKey = (typeof COLUMN_KEYS)[number];

export const DEFAULT_COLUMNS: ColumnKey[] = ['createdAt', 'orderNo', 'payer', 'manager', 'channel', 'amount', 'status'];
/** Without these a row says nothing, so they cannot be hidden. */
export const FIXED_COLUMNS: ColumnKey[] = ['createdAt', 'amount', 'status'];

/** What the detail beside the list says anyway; hidden then, so that amount and status stay in sight. */
export const IN_DETAIL: ColumnKey[] = ['orderNo', 'code', 'paidAt'];

/** Reads a kept choice; names that no longer exist are dropped, fixed columns always stay. */
export function parseColumns(stored: string | null): ColumnKey[] {
  if (stored === null) return DEFAULT_COLUMNS;
  const wanted = new Set<string>([...stored.split(','), ...FIXED_COLUMNS]);
  return COLUMN_KEYS.filter((key) => wanted.has(key));
}

type Columns = TableColumnsType<OrderSummary>;

/** The table's columns; `linkTo` keeps the list's filters and page in the link to one order. */
export function orderColumns(
  t: Text,
  nowMs: number,
  linkTo: (order: OrderSummary) => LinkProps,
): Record<ColumnKey, Columns[number]> {
  const time = (atMs: number | null) =>
    atMs === null ? t.common.none : <span title={formatTime(atMs)}>{formatShortTime(atMs, nowMs)}</span>;
  return {
    createdAt: {
      key: 'createdAt',
      title: t.orders.createdAt,
      className: 'num',
      // A real link: keyboard, screen reader and the middle mouse button all open the order with it.
      render: (_, order) => (
        <Link {...linkTo(order)} className="row-link" onClick={(event) => event.stopPropagation()}>
          {time(order.created_at_ms)}
        </Link>
      ),
    },
    orderNo: { key: 'orderNo', title: t.orders.orderNo, className: 'num quiet', dataIndex: 'order_no' },
    payer: {
      key: 'payer',
      title: t.orders.payer,
      render: (_, order) => (
        <span className="clip" title={order.title}>
          {order.title || t.common.none}
        </span>
      ),
    },
    manager: { key: 'manager', title: t.orders.manager, dataIndex: 'manager_name' },
    code: { key: 'code', title: t.orders.code, dataIndex: 'code_name' },
    channel: { key: 'channel', title: t.orders.channel, render: (_, order) => channelText(order.channel, t) },
    amount: {
      key: 'amount',
      title: t.orders.amount,
      align: 'right',
      className: 'num amount',
      render: (_, order) => formatFen(order.amount_fen),
    },
    status: {
      key: 'status',
      title: t.orders.status,
      render: (_, order) => <Pill tone={ORDER_TONE[order.status]}>{t.orders.statuses[order.status]}</Pill>,
    },
    paidAt: { key: 'paidAt', title: t.orders.paidAt, className: 'num', render: (_, order) => time(order.paid_at_ms) },
  };
}
