import { CloseOutlined, ReloadOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Drawer, Segmented, Skeleton, Table, type TableColumnsType } from 'antd';
import { useMemo } from 'react';
import { Link, type LinkProps, useParams } from 'react-router';
import { api } from '../api/client';
import type { Refund, RefundStatus } from '../api/types';
import { useText } from '../i18n';
import type { Text } from '../i18n/zh';
import { channelText } from '../orders/status';
import { CopyButton } from '../ui/CopyButton';
import { Facts } from '../ui/Facts';
import { ListFrame } from '../ui/ListFrame';
import { formatFen } from '../ui/money';
import { Pager } from '../ui/Pager';
import { Pill } from '../ui/Pill';
import { EmptyState, ErrorState } from '../ui/states';
import { formatShortTime, formatTime } from '../ui/time';
import { useListParams } from '../ui/useListParams';
import { usePageTitle } from '../ui/usePageTitle';
import { RefundCard } from './RefundCard';
import { isOpen, REFUND_FILTERS, REFUND_TONE } from './status';
import '../orders/orders.css';
import './refunds.css';

const OPEN_REFETCH_MS = 5000;

/** All refunds, newest first; one opens beside the list with what may be done about it. */
export function RefundsPage() {
  const t = useText();
  const { id } = useParams();
  const list = useListParams<RefundStatus>(REFUND_FILTERS);
  usePageTitle(t.refunds.title);
  const query = useQuery({
    queryKey: ['refunds', list.filter.status, list.filter.cursor],
    queryFn: () => api.refunds.list(list.filter),
    placeholderData: keepPreviousData,
    refetchInterval: OPEN_REFETCH_MS,
  });
  const { search, trail } = list;
  const columns = useMemo(
    () =>
      refundColumns(t, Date.now(), (refund) => ({
        to: { pathname: `/refunds/${refund.refund_id}`, search },
        state: { trail },
      })),
    [t, search, trail],
  );
  const refunds = query.data?.items ?? [];
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t.refunds.title}</h1>
        <Button icon={<ReloadOutlined spin={query.isFetching} />} onClick={() => void query.refetch()}>
          {t.common.refresh}
        </Button>
      </div>
      <div className="filters">
        <Segmented<string>
          aria-label={t.refunds.status}
          value={list.filter.status}
          onChange={(status) => list.setFilter({ status })}
          options={[
            { value: '', label: t.common.all },
            ...REFUND_FILTERS.map((status) => ({ value: status, label: t.refunds.statuses[status] })),
          ]}
        />
      </div>
      <ListFrame
        query={query}
        isEmpty={refunds.length === 0}
        empty={
          list.filtered ? (
            <EmptyState
              title={t.refunds.noMatchTitle}
              text={t.refunds.noMatchText}
              action={<Button onClick={() => list.setFilter({ status: '' })}>{t.common.clearFilters}</Button>}
            />
          ) : (
            <EmptyState title={t.refunds.emptyTitle} text={t.refunds.emptyText} />
          )
        }
      >
        <Table<Refund>
          className={query.isPlaceholderData ? 'list dimmed' : 'list'}
          rowKey="refund_id"
          columns={columns}
          dataSource={refunds}
          pagination={false}
          scroll={{ x: 'max-content' }}
          rowClassName={(refund) => (refund.refund_id === id ? 'row-open' : '')}
          onRow={(refund) => ({
            'data-testid': 'refund-row',
            onClick: () => list.openPath(`/refunds/${refund.refund_id}`),
          })}
        />
      </ListFrame>
      {query.data && <Pager pager={list.pager} nextCursor={query.data.next_cursor} />}
      {id && (
        <Drawer
          open
          size={460}
          closable={false}
          onClose={() => list.openPath('/refunds')}
          aria-label={t.refunds.detail}
          classNames={{ body: 'aside-body' }}
        >
          <RefundDetail key={id} id={id} onClose={() => list.openPath('/refunds')} />
        </Drawer>
      )}
    </div>
  );
}

function RefundDetail({ id, onClose }: { id: string; onClose(): void }) {
  const t = useText();
  const query = useQuery({
    queryKey: ['refund', id],
    queryFn: () => api.refunds.get(id),
    refetchInterval: ({ state }) => (state.data && isOpen(state.data) ? OPEN_REFETCH_MS : false),
  });
  const refund = query.data;
  return (
    <section className="detail" aria-label={t.refunds.detail} data-testid="refund-detail">
      <Button
        className="detail-close"
        type="text"
        icon={<CloseOutlined />}
        aria-label={t.refunds.closeDetail}
        onClick={onClose}
      />
      {query.isPending && <Skeleton active paragraph={{ rows: 8 }} />}
      {query.isError && !refund && (
        <ErrorState
          error={query.error}
          onRetry={() => void query.refetch()}
          missing={{ title: t.refunds.missingTitle, text: t.refunds.missingText }}
        />
      )}
      {refund && (
        <>
          <p className="quiet">{refund.title || t.common.none}</p>
          <h2 className="detail-amount num unpaid">
            <small>¥</small>
            {formatFen(refund.amount_fen)}
          </h2>
          <p className="detail-no num">
            {refund.out_refund_no}
            <CopyButton text={refund.out_refund_no} label={t.refunds.copyNo} />
          </p>
          <h3>{t.refunds.refund}</h3>
          <RefundCard refund={refund} />
          <h3>{t.refunds.ofPayment}</h3>
          <Facts
            facts={[
              { label: t.refunds.paidFen, value: `¥${formatFen(refund.paid_fen)}`, num: true },
              { label: t.refunds.paidAt, value: formatTime(refund.paid_at_ms), num: true },
              { label: t.refunds.booked, value: t.refunds.bookedAs[refund.booked] ?? refund.booked },
              { label: t.orders.channel, value: channelText(refund.channel, t) },
              { label: t.orders.manager, value: refund.manager_name },
              { label: t.orders.outTradeNo, value: refund.payment_id, num: true, copy: true },
            ]}
          />
          <p className="refund-order">
            <Link to={`/orders/${refund.order_id}`}>{t.refunds.toOrder}</Link>
          </p>
        </>
      )}
    </section>
  );
}

function refundColumns(t: Text, nowMs: number, linkTo: (refund: Refund) => LinkProps): TableColumnsType<Refund> {
  return [
    {
      key: 'askedAt',
      title: t.refunds.askedAt,
      className: 'num',
      render: (_, refund) => (
        <Link {...linkTo(refund)} className="row-link" onClick={(event) => event.stopPropagation()}>
          <span title={formatTime(refund.asked.at_ms)}>{formatShortTime(refund.asked.at_ms, nowMs)}</span>
        </Link>
      ),
    },
    {
      key: 'title',
      title: t.orders.payer,
      render: (_, refund) => <span className="clip">{refund.title || t.common.none}</span>,
    },
    { key: 'manager', title: t.orders.manager, dataIndex: 'manager_name' },
    {
      key: 'asker',
      title: t.refunds.asker,
      render: (_, refund) => (refund.kind === 'found' ? t.refunds.found : refund.asked.name),
    },
    {
      key: 'reason',
      title: t.refunds.reason,
      render: (_, refund) => (
        <span className="clip" title={refund.reason}>
          {refund.reason || t.common.none}
        </span>
      ),
    },
    {
      key: 'amount',
      title: t.orders.amount,
      align: 'right',
      className: 'num amount',
      render: (_, refund) => formatFen(refund.amount_fen),
    },
    {
      key: 'status',
      title: t.refunds.status,
      render: (_, refund) => <Pill tone={REFUND_TONE[refund.status]}>{t.refunds.statuses[refund.status]}</Pill>,
    },
  ];
}
