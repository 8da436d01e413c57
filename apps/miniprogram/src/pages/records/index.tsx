import { useDidShow } from '@tarojs/taro';
import { useEffect, useRef, useState } from 'react';
import { type ApiError, asApiError } from '../../api/errors';
import type { PaymentRecord } from '../../api/types';
import { formatFen } from '../../core/money';
import { addLive, appendPage, type DayGroup, groupByDay, type RecordList, refreshTop } from '../../core/records';
import { clock } from '../../core/time';
import { stateName } from '../../core/words';
import { platform } from '../../platform';
import { api, onPayment } from '../../state/app';
import { useNow, useSession } from '../../ui/hooks';
import { Box, Heading, ReachEnd, Screen, Tap, Txt } from '../../ui/kit';
import { Empty, Failed, Skeleton } from '../../ui/States';
import './index.css';

const EMPTY: RecordList = { records: [], nextBefore: null };

/** The list, loaded page by page, and kept right while payments arrive and while one comes and goes. */
function useRecords() {
  const [list, setList] = useState<RecordList | null>(null);
  const [error, setError] = useState<ApiError | null>(null);
  const [fresh, setFresh] = useState<ReadonlySet<string>>(new Set());
  const loading = useRef(false);

  const load = async (older: string | null) => {
    if (loading.current) return;
    loading.current = true;
    setError(null);
    try {
      const page = await api.records(older);
      setList((now) => (older === null ? refreshTop(now ?? EMPTY, page) : appendPage(now ?? EMPTY, page)));
    } catch (e) {
      setError(asApiError(e));
    } finally {
      loading.current = false;
    }
  };

  useEffect(
    () =>
      onPayment((record) => {
        setList((now) => now && addLive(now, record));
        setFresh((now) => new Set(now).add(record.record_id));
      }),
    [],
  );
  return { list, error, fresh, load };
}

export default function Records() {
  const session = useSession();
  const { list, error, fresh, load } = useRecords();
  const now = useNow(60_000);
  useDidShow(() => {
    if (session) void load(null);
  });
  const older = () => {
    if (list?.nextBefore && !error) void load(list.nextBefore);
  };

  return (
    <Screen title="收款记录">
      {!list && !error && <Skeleton rows={7} />}
      {!list && error && <Failed text={error.message} onRetry={() => void load(null)} />}
      {list?.records.length === 0 && <Empty title="还没有收款记录" text="客户付款后，记录会马上出现在这里。" />}
      {list && groupByDay(list, now).map((group) => <Day key={group.day} group={group} fresh={fresh} />)}
      {list && list.records.length > 0 && <Foot list={list} error={error} onMore={() => void load(list.nextBefore)} />}
      <ReachEnd round={list?.records.length ?? 0} onReach={older} />
    </Screen>
  );
}

function Day({ group, fresh }: { group: DayGroup; fresh: ReadonlySet<string> }) {
  return (
    <Box className="day" testid="record-day">
      <Box className="day-head">
        <Heading level={2} className="day-label">
          {group.label}
        </Heading>
        {group.total && (
          <Txt className="day-total num">{`${group.total.count}\u2009笔 · ¥${formatFen(group.total.sumFen)}`}</Txt>
        )}
      </Box>
      <Box className="day-list">
        {group.records.map((r) => (
          <Item key={r.record_id} record={r} fresh={fresh.has(r.record_id)} />
        ))}
      </Box>
    </Box>
  );
}

function Item({ record, fresh }: { record: PaymentRecord; fresh: boolean }) {
  const open = () => platform.go('record', { id: record.record_id });
  return (
    <Tap className={`item ${fresh ? 'item-fresh' : ''}`} onTap={open} testid="record-item">
      <Box className="item-words">
        <Box className="item-title">{record.title || '未填写'}</Box>
        <Box className="item-sub">{record.subtitle}</Box>
      </Box>
      <Box className="item-money">
        <Box className="item-sum sum num">{formatFen(record.amount_fen)}</Box>
        <Box className="item-time num">
          {clock(record.paid_at_ms)} <Txt className="item-state">{stateName(record)}</Txt>
        </Box>
      </Box>
    </Tap>
  );
}

function Foot({ list, error, onMore }: { list: RecordList; error: ApiError | null; onMore(): void }) {
  if (error) return <Failed text={error.message} onRetry={onMore} />;
  if (list.nextBefore === null) {
    return (
      <Box className="end" testid="records-end">
        没有更早的记录了
      </Box>
    );
  }
  return (
    <Tap className="end end-more" onTap={onMore}>
      继续上滑，查看更早的记录
    </Tap>
  );
}
