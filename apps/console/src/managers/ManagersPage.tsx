import { PlusOutlined } from '@ant-design/icons';
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { Button, Segmented, Table, type TableColumnsType } from 'antd';
import { useMemo, useState } from 'react';
import { api } from '../api/client';
import type { Manager, ManagerStatus } from '../api/types';
import { useText } from '../i18n';
import { ListFrame } from '../ui/ListFrame';
import { Pager } from '../ui/Pager';
import { SearchBox } from '../ui/SearchBox';
import { EmptyState } from '../ui/states';
import { useListParams } from '../ui/useListParams';
import { usePageTitle } from '../ui/usePageTitle';
import { useManagerActions } from './actions';
import { managerColumns } from './columns';
import { MailDialog } from './MailDialog';
import { mailPollInterval } from './polling';
import { RegisterDrawer } from './RegisterDrawer';
import './managers.css';

const STATUSES = ['active', 'disabled'] as const satisfies readonly ManagerStatus[];

export function ManagersPage() {
  const t = useText();
  const list = useListParams<ManagerStatus>(STATUSES);
  const [registering, setRegistering] = useState(false);
  const [mailing, setMailing] = useState<Manager | null>(null);
  const query = useQuery({
    queryKey: ['managers', list.filter],
    queryFn: () => api.managers.list(list.filter),
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) => mailPollInterval(state.data?.items ?? [], Date.now()),
  });
  usePageTitle(t.managers.title);
  const managers = query.data?.items ?? [];
  const register = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => setRegistering(true)} data-testid="manager-new">
      {t.managers.register}
    </Button>
  );

  return (
    <div className="page">
      <div className="page-head">
        <h1>{t.managers.title}</h1>
        {register}
      </div>
      <div className="filters">
        <SearchBox
          value={list.filter.q}
          label={t.managers.searchLabel}
          placeholder={t.managers.searchPlaceholder}
          onSearch={(q) => list.setFilter({ q })}
        />
        <Segmented<string>
          aria-label={t.managers.statusLabel}
          value={list.filter.status}
          onChange={(status) => list.setFilter({ status })}
          options={[
            { value: '', label: t.common.all },
            ...STATUSES.map((status) => ({ value: status, label: t.managers.statuses[status] })),
          ]}
        />
      </div>
      <ListFrame query={query} isEmpty={managers.length === 0} empty={<NoManagers list={list} />}>
        <ManagerTable managers={managers} dimmed={query.isPlaceholderData} onMail={setMailing} />
      </ListFrame>
      {query.data && <Pager pager={list.pager} nextCursor={query.data.next_cursor} />}
      {registering && <RegisterDrawer onClose={() => setRegistering(false)} />}
      {mailing && <MailDialog manager={mailing} onClose={() => setMailing(null)} />}
    </div>
  );
}

interface ManagerTableProps {
  managers: Manager[];
  dimmed: boolean;
  onMail(manager: Manager): void;
}

function ManagerTable({ managers, dimmed, onMail }: ManagerTableProps) {
  const t = useText();
  const act = useManagerActions();
  const columns: TableColumnsType<Manager> = useMemo(() => managerColumns(t, act, onMail), [t, act, onMail]);
  return (
    <Table<Manager>
      className={dimmed ? 'list top dimmed' : 'list top'}
      rowKey="manager_id"
      columns={columns}
      dataSource={managers}
      pagination={false}
      scroll={{ x: 'max-content' }}
      onRow={(manager) => ({ 'data-testid': 'manager-row', 'data-mobile': manager.mobile }) as object}
    />
  );
}

function NoManagers({ list }: { list: ReturnType<typeof useListParams<ManagerStatus>> }) {
  const t = useText();
  if (!list.filtered) return <EmptyState title={t.managers.emptyTitle} text={t.managers.emptyText} />;
  return (
    <EmptyState
      title={t.managers.noMatchTitle}
      text={t.managers.noMatchText}
      action={<Button onClick={() => list.setFilter({ q: '', status: '' })}>{t.common.clearFilters}</Button>}
    />
  );
}
