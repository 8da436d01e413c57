import { useState } from 'react';
import type { ApiError } from '../../api/errors';
import type { PaymentRecord } from '../../api/types';
import { formatFen } from '../../core/money';
import { type DayGroup, groupByDay, type RecordList } from '../../core/records';
import { mark, NO_FILTER, type RecordFilter, wordsOf } from '../../core/search';
import { clock, isoDayLabel } from '../../core/time';
import { stateName } from '../../core/words';
import { platform } from '../../platform';
import { useNow, useSession } from '../../ui/hooks';
import { Box, Heading, PullDown, ReachEnd, Screen, Tap, Txt } from '../../ui/kit';
import { Empty, Failed, Skeleton } from '../../ui/States';
import { Finder } from './Finder';
import './index.css';
import { useRecords } from './useRecords';

export default function Records() {
  const session = useSession();
  const now = useNow(60_000);
  const [filter, setFilter] = useState(NO_FILTER);
  return (
    <Screen title="收款记录">
      <Finder filter={filter} now={now} onFilter={setFilter} />
      {session && (
        <Results key={`${filter.until} ${filter.q}`} filter={filter} now={now} onAll={() => setFilter(NO_FILTER)} />
      )}
    </Screen>
  );
}

function Results({ filter, now, onAll }: { filter: RecordFilter; now: number; onAll(): void }) {
  const { list, error, fresh, load } = useRecords(filter);
  const older = () => {
    if (list?.nextBefore && !error) void load(list.nextBefore);
  };
  const nothing = list?.records.length === 0;
  const searching = nothing && list.nextBefore !== null;
  return (
    <>
      <PullDown onPull={() => load(null)} />
      {(!list || searching) && !error && <Skeleton rows={7} />}
      {(!list || searching) && error && (
        <Failed text={error.message} onRetry={() => void load(list?.nextBefore ?? null)} />
      )}
      {nothing && !searching && <Nothing filter={filter} now={now} onAll={onAll} />}
      {list && groupByDay(list, now).map((group) => <Day key={group.day} group={group} fresh={fresh} q={filter.q} />)}
      {list && !nothing && <Foot list={list} error={error} onMore={() => void load(list.nextBefore)} />}
      <ReachEnd round={list?.records.length ?? 0} onReach={older} />
    </>
  );
}

/** Nothing yet, or nothing that was looked for: then it says what that was. */
function Nothing({ filter, now, onAll }: { filter: RecordFilter; now: number; onAll(): void }) {
  const { q, until } = filter;
  if (q === '' && until === null) return <Empty title="还没有收款记录" text="客户付款后，记录会马上出现在这里。" />;
  const back = until && `${isoDayLabel(until, now)}及以前`;
  const title = q ? `没有找到“${q}”` : `${back}没有收款记录`;
  const text = q
    ? `${back ? `只找了${back}的记录。` : ''}可以换姓名、备注、手机尾号、单号或金额再试。`
    : '可以换一个日期，或查看全部记录。';
  return (
    <Empty title={title} text={text}>
      <Tap className="pill pill-plain" onTap={onAll} testid="records-all">
        查看全部记录
      </Tap>
    </Empty>
  );
}

function Day({ group, fresh, q }: { group: DayGroup; fresh: ReadonlySet<string>; q: string }) {
  const words = wordsOf(q);
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
          <Item key={r.record_id} record={r} fresh={fresh.has(r.record_id)} words={words} />
        ))}
      </Box>
    </Box>
  );
}

function Item({ record, fresh, words }: { record: PaymentRecord; fresh: boolean; words: string[] }) {
  const open = () => platform.go('record', { id: record.record_id });
  return (
    <Tap className={`item ${fresh ? 'item-fresh' : ''}`} onTap={open} testid="record-item">
      <Box className="item-words">
        <Box className="item-title">{record.title ? <Marked text={record.title} words={words} /> : '未填写'}</Box>
        <Box className="item-sub">
          <Marked text={record.subtitle} words={words} />
        </Box>
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

/** What one looked for stands out. */
function Marked({ text, words }: { text: string; words: string[] }) {
  const pieces = mark(text, words);
  return (
    <>
      {pieces.map((piece) => (
        <Txt
          key={piece.at}
          className={piece.marked ? 'marked' : undefined}
          testid={piece.marked ? 'marked' : undefined}
        >
          {piece.text}
        </Txt>
      ))}
    </>
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
