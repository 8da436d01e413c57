import { CloseOutlined, ReloadOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { App, Button, Drawer, Segmented, Skeleton, Table, type TableColumnsType } from 'antd';
import { useMemo, useState } from 'react';
import { Link, type LinkProps, useParams } from 'react-router';
import { api } from '../api/client';
import type { InboxAction, InboxDetail, InboxItem } from '../api/types';
import { useText } from '../i18n';
import type { Text } from '../i18n/zh';
import { useRefundsChanged } from '../refunds/actions';
import { Facts } from '../ui/Facts';
import { ListFrame } from '../ui/ListFrame';
import { formatFen } from '../ui/money';
import { Pager } from '../ui/Pager';
import { Pill, type Tone } from '../ui/Pill';
import { EmptyState, ErrorState } from '../ui/states';
import { formatShortTime, formatTime } from '../ui/time';
import { useListParams } from '../ui/useListParams';
import { usePageTitle } from '../ui/usePageTitle';
import { WordsDialog } from '../ui/WordsDialog';
import '../orders/orders.css';
import '../refunds/refunds.css';

const REFETCH_MS = 5000;
const STATES = ['open', 'closed'] as const;

/** What needs a person: money that came late or twice, news that does not agree, refunds that are stuck. */
export function InboxPage() {
  const t = useText();
  const { id } = useParams();
  const list = useListParams<(typeof STATES)[number]>(STATES);
  usePageTitle(t.inbox.title);
  const query = useQuery({
    queryKey: ['inbox', 'list', list.filter.status, list.filter.cursor],
    queryFn: () => api.inbox.list(list.filter),
    placeholderData: keepPreviousData,
    refetchInterval: REFETCH_MS,
  });
  const { search, trail } = list;
  const columns = useMemo(
    () =>
      inboxColumns(t, Date.now(), (item) => ({
        to: { pathname: `/inbox/${item.inbox_id}`, search },
        state: { trail },
      })),
    [t, search, trail],
  );
  const items = query.data?.items ?? [];
  const close = () => list.openPath('/inbox');
  return (
    <div className="page">
      <div className="page-head">
        <h1>{t.inbox.title}</h1>
        <Button icon={<ReloadOutlined spin={query.isFetching} />} onClick={() => void query.refetch()}>
          {t.common.refresh}
        </Button>
      </div>
      <div className="filters">
        <Segmented<string>
          aria-label={t.inbox.state}
          value={list.filter.status}
          onChange={(status) => list.setFilter({ status })}
          options={[
            { value: '', label: t.common.all },
            ...STATES.map((state) => ({ value: state, label: t.inbox.states[state] })),
          ]}
        />
      </div>
      <ListFrame
        query={query}
        isEmpty={items.length === 0}
        empty={<EmptyState title={t.inbox.emptyTitle} text={t.inbox.emptyText} />}
      >
        <Table<InboxItem>
          className={query.isPlaceholderData ? 'list dimmed' : 'list'}
          rowKey="inbox_id"
          columns={columns}
          dataSource={items}
          pagination={false}
          scroll={{ x: 'max-content' }}
          rowClassName={(item) => (item.inbox_id === id ? 'row-open' : '')}
          onRow={(item) => ({
            'data-testid': 'inbox-row',
            onClick: () => list.openPath(`/inbox/${item.inbox_id}`),
          })}
        />
      </ListFrame>
      {query.data && <Pager pager={list.pager} nextCursor={query.data.next_cursor} />}
      {id && (
        <Drawer
          open
          size={460}
          closable={false}
          onClose={close}
          aria-label={t.inbox.detail}
          classNames={{ body: 'aside-body' }}
        >
          <ItemDetail key={id} id={id} onClose={close} />
        </Drawer>
      )}
    </div>
  );
}

function toneOf(item: InboxItem): Tone {
  return item.state === 'open' ? 'danger' : 'muted';
}

function stateText(item: InboxItem, t: Text): string {
  return item.closed ? t.inbox.hows[item.closed.how] : t.inbox.states[item.state];
}

function ItemDetail({ id, onClose }: { id: string; onClose(): void }) {
  const t = useText();
  const query = useQuery({ queryKey: ['inbox', 'item', id], queryFn: () => api.inbox.get(id) });
  const item = query.data;
  return (
    <section className="detail" aria-label={t.inbox.detail} data-testid="inbox-detail">
      <Button
        className="detail-close"
        type="text"
        icon={<CloseOutlined />}
        aria-label={t.inbox.closeDetail}
        onClick={onClose}
      />
      {query.isPending && <Skeleton active paragraph={{ rows: 8 }} />}
      {query.isError && !item && (
        <ErrorState
          error={query.error}
          onRetry={() => void query.refetch()}
          missing={{ title: t.inbox.missingTitle, text: t.inbox.missingText }}
        />
      )}
      {item && <ItemBody item={item} />}
    </section>
  );
}

function ItemBody({ item }: { item: InboxDetail }) {
  const t = useText();
  const { message } = App.useApp();
  const changed = useRefundsChanged();
  const [asking, setAsking] = useState<InboxAction | null>(null);
  return (
    <>
      <Pill tone={toneOf(item)} testid="inbox-state">
        {stateText(item, t)}
      </Pill>
      <h2 className="detail-amount num unpaid">
        <small>¥</small>
        {formatFen(item.amount_fen)}
      </h2>
      <p>
        <strong>{t.inbox.kinds[item.kind]}</strong>
      </p>
      <p className="quiet refund-next">{t.inbox.explains[item.kind]}</p>
      {item.refund_reserved_fen > 0 && item.state === 'open' && (
        <p className="payment-note">{t.inbox.refunding(formatFen(item.refund_reserved_fen))}</p>
      )}
      {item.may.length > 0 && (
        <div className="refund-actions">
          {item.may.map((action) => (
            <Button
              key={action}
              type={action === 'claim' ? 'primary' : 'default'}
              data-testid={`inbox-${action}`}
              onClick={() => setAsking(action)}
            >
              {t.inbox.actions[action]}
            </Button>
          ))}
        </div>
      )}
      {item.closed && (
        <>
          <h3>{t.inbox.closedHead}</h3>
          <Facts
            facts={[
              { label: t.inbox.closedHow, value: t.inbox.hows[item.closed.how] },
              { label: t.inbox.closedBy, value: item.closed.name },
              { label: t.inbox.closedAt, value: formatTime(item.closed.at_ms), num: true },
              { label: t.inbox.words, value: item.closed.words },
            ]}
          />
        </>
      )}
      <h3>{t.inbox.about}</h3>
      <Facts facts={aboutFacts(item, t)} />
      <p className="refund-order">
        {item.order_id && <Link to={`/orders/${item.order_id}`}>{t.refunds.toOrder}</Link>}{' '}
        {item.refund_id && <Link to={`/refunds/${item.refund_id}`}>{t.inbox.toRefund}</Link>}
      </p>
      <h3>{t.inbox.evidence}</h3>
      <p className="quiet inbox-said">{item.detail}</p>
      {item.news.map((news) => (
        <div className="payment" key={`${news.received_at_ms} ${news.transaction_id}`}>
          <Facts
            facts={[
              { label: t.inbox.receivedAt, value: formatTime(news.received_at_ms), num: true },
              { label: t.orders.outTradeNo, value: news.out_trade_no, num: true, copy: true },
              { label: t.inbox.transaction, value: news.transaction_id ?? '', num: true, copy: true },
              { label: t.orders.amount, value: news.amount_fen === null ? '' : formatFen(news.amount_fen), num: true },
            ]}
          />
        </div>
      ))}
      {asking && (
        <WordsDialog
          title={t.inbox.dialogs[asking].title(formatFen(item.amount_fen))}
          consequences={t.inbox.dialogs[asking].text}
          label={t.inbox.dialogs[asking].label}
          ok={t.inbox.dialogs[asking].ok}
          onSay={(words) => api.inbox[asking](item.inbox_id, words)}
          onDone={() => {
            message.success(t.inbox.dialogs[asking].done);
            changed();
          }}
          onClose={() => setAsking(null)}
        />
      )}
    </>
  );
}

function aboutFacts(item: InboxDetail, t: Text) {
  const facts = [{ label: t.inbox.since, value: formatTime(item.created_at_ms), num: true }];
  if (item.title) facts.push({ label: t.orders.payer, value: item.title, num: false });
  if (item.manager_name) facts.push({ label: t.orders.manager, value: item.manager_name, num: false });
  if (item.paid_at_ms !== null) facts.push({ label: t.orders.paidAt, value: formatTime(item.paid_at_ms), num: true });
  if (item.refunded_fen > 0) {
    facts.push({ label: t.refunds.refundedFen, value: `¥${formatFen(item.refunded_fen)}`, num: true });
  }
  return facts;
}

function inboxColumns(t: Text, nowMs: number, linkTo: (item: InboxItem) => LinkProps): TableColumnsType<InboxItem> {
  return [
    {
      key: 'since',
      title: t.inbox.since,
      className: 'num',
      render: (_, item) => (
        <Link {...linkTo(item)} className="row-link" onClick={(event) => event.stopPropagation()}>
          <span title={formatTime(item.created_at_ms)}>{formatShortTime(item.created_at_ms, nowMs)}</span>
        </Link>
      ),
    },
    { key: 'kind', title: t.inbox.kind, render: (_, item) => t.inbox.kinds[item.kind] },
    {
      key: 'title',
      title: t.orders.payer,
      render: (_, item) => <span className="clip">{item.title ?? t.common.none}</span>,
    },
    { key: 'manager', title: t.orders.manager, render: (_, item) => item.manager_name ?? t.common.none },
    {
      key: 'amount',
      title: t.orders.amount,
      align: 'right',
      className: 'num amount',
      render: (_, item) => formatFen(item.amount_fen),
    },
    {
      key: 'state',
      title: t.inbox.state,
      render: (_, item) => <Pill tone={toneOf(item)}>{stateText(item, t)}</Pill>,
    },
  ];
}
