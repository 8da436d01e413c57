import { ReloadOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Drawer, Segmented, Table } from 'antd';
import { useMemo, useState } from 'react';
import { useParams } from 'react-router';
import { api } from '../api/client';
import type { OrderStatus, OrderSummary } from '../api/types';
import { readStored, useWide, writeStored } from '../app/preferences';
import { useText } from '../i18n';
import { ListFrame } from '../ui/ListFrame';
import { Pager } from '../ui/Pager';
import { SearchBox } from '../ui/SearchBox';
import { EmptyState } from '../ui/states';
import { useListParams } from '../ui/useListParams';
import { usePageTitle } from '../ui/usePageTitle';
import { ColumnChooser } from './ColumnChooser';
import { type ColumnKey, IN_DETAIL, orderColumns, parseColumns } from './columns';
import { OrderDetail } from './OrderDetail';
import { ORDER_STATUSES } from './status';
import './orders.css';

const COLUMNS_KEY = 'mott.console.order-columns';
/** From this width the detail stands beside the list; below it covers it. */
const BESIDE_PX = 1280;

export function OrdersPage() {
  const t = useText();
  const { id } = useParams();
  const wide = useWide(BESIDE_PX);
  const list = useListParams<OrderStatus>(ORDER_STATUSES);
  usePageTitle(t.orders.title);
  const close = () => list.openPath('/orders');

  return (
    <div className={id && wide ? 'with-aside' : undefined}>
      <div className="page">
        <OrderList list={list} openId={id} narrow={wide && id !== undefined} />
      </div>
      {wide
        ? id && (
            <aside className="aside" aria-label={t.orders.detail}>
              <OrderDetail key={id} id={id} onClose={close} />
            </aside>
          )
        : id && (
            <Drawer
              open
              size={440}
              closable={false}
              onClose={close}
              aria-label={t.orders.detail}
              classNames={{ body: 'aside-body' }}
            >
              <OrderDetail key={id} id={id} onClose={close} />
            </Drawer>
          )}
    </div>
  );
}

interface OrderListProps {
  list: ReturnType<typeof useListParams<OrderStatus>>;
  openId: string | undefined;
  /** The detail stands beside the list. */
  narrow: boolean;
}

function OrderList({ list, openId, narrow }: OrderListProps) {
  const t = useText();
  const [columns, setColumns] = useState<ColumnKey[]>(() => parseColumns(readStored(COLUMNS_KEY)));
  const query = useQuery({
    queryKey: ['orders', list.filter],
    queryFn: () => api.orders.list(list.filter),
    placeholderData: keepPreviousData,
  });
  const keepColumns = (chosen: ColumnKey[]) => {
    writeStored(COLUMNS_KEY, chosen.join(','));
    setColumns(chosen);
  };
  const orders = query.data?.items ?? [];

  return (
    <>
      <div className="page-head">
        <h1>{t.orders.title}</h1>
        <Button icon={<ReloadOutlined spin={query.isFetching} />} onClick={() => void query.refetch()}>
          {t.common.refresh}
        </Button>
        <ColumnChooser columns={columns} onChange={keepColumns} />
      </div>
      <div className="filters">
        <SearchBox
          value={list.filter.q}
          label={t.orders.searchLabel}
          placeholder={t.orders.searchPlaceholder}
          onSearch={(q) => list.setFilter({ q })}
        />
        <Segmented<string>
          aria-label={t.orders.status}
          value={list.filter.status}
          onChange={(status) => list.setFilter({ status })}
          options={[
            { value: '', label: t.common.all },
            ...ORDER_STATUSES.map((status) => ({ value: status, label: t.orders.statuses[status] })),
          ]}
        />
      </div>
      <ListFrame query={query} isEmpty={orders.length === 0} empty={<NoOrders list={list} />}>
        <OrderTable
          orders={orders}
          columns={columns}
          list={list}
          openId={openId}
          narrow={narrow}
          dimmed={query.isPlaceholderData}
        />
      </ListFrame>
      {query.data && <Pager pager={list.pager} nextCursor={query.data.next_cursor} />}
    </>
  );
}

interface OrderTableProps extends OrderListProps {
  orders: OrderSummary[];
  columns: ColumnKey[];
  dimmed: boolean;
}

function OrderTable({ orders, columns, list, openId, narrow, dimmed }: OrderTableProps) {
  const t = useText();
  const { search, trail } = list;
  const shown = useMemo(() => {
    const all = orderColumns(t, Date.now(), (order) => ({
      to: { pathname: `/orders/${order.order_id}`, search },
      state: { trail },
    }));
    return columns.filter((key) => !narrow || !IN_DETAIL.includes(key)).map((key) => all[key]);
  }, [t, columns, narrow, search, trail]);
  return (
    <Table<OrderSummary>
      className={dimmed ? 'list dimmed' : 'list'}
      rowKey="order_id"
      columns={shown}
      dataSource={orders}
      pagination={false}
      scroll={{ x: 'max-content' }}
      rowClassName={(order) => (order.order_id === openId ? 'row-open' : '')}
      onRow={(order) => ({
        'data-testid': 'order-row',
        'aria-selected': order.order_id === openId,
        onClick: () => list.openPath(`/orders/${order.order_id}`),
      })}
    />
  );
}

function NoOrders({ list }: { list: OrderListProps['list'] }) {
  const t = useText();
  if (!list.filtered) return <EmptyState title={t.orders.emptyTitle} text={t.orders.emptyText} />;
  return (
    <EmptyState
      title={t.orders.noMatchTitle}
      text={t.orders.noMatchText}
      action={<Button onClick={() => list.setFilter({ q: '', status: '' })}>{t.common.clearFilters}</Button>}
    />
  );
}
