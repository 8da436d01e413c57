import { useEffect, useRef, useState } from 'react';
import type { RecordFilter } from '../../core/search';
import { isoDay, isoDayLabel } from '../../core/time';
import { Icon } from '../../ui/Icon';
import { Box, DatePick, SearchField, Tap, Txt } from '../../ui/kit';

/** Until one stops typing. */
const PAUSE_MS = 400;

interface FinderProps {
  filter: RecordFilter;
  now: number;
  onFilter(filter: RecordFilter): void;
}

/** The search box and, right of it, 日期 (PRODUCT 3.3). What is typed counts after a pause, or at once with Enter. */
export function Finder({ filter, now, onFilter }: FinderProps) {
  const [typed, setTyped] = useState(filter.q);
  const latest = useRef({ typed, filter, onFilter });
  latest.current = { typed, filter, onFilter };
  const search = () => {
    const { typed: text, filter: old, onFilter: tell } = latest.current;
    if (text.trim() !== old.q) tell({ ...old, q: text.trim() });
  };
  // biome-ignore lint/correctness/useExhaustiveDependencies: what is typed is the reason to wait anew
  useEffect(() => {
    const timer = setTimeout(search, PAUSE_MS);
    return () => clearTimeout(timer);
  }, [typed]);
  useEffect(() => setTyped((text) => (text.trim() === filter.q ? text : filter.q)), [filter.q]);

  const day = filter.until && `${isoDayLabel(filter.until, now)}止`;
  const clear = () => {
    setTyped('');
    onFilter({ ...filter, q: '' });
  };
  const pick = (until: string | null) => onFilter({ ...filter, until: until || null });
  return (
    <Box className="finder">
      <Box className="search">
        <Icon name="search" className="search-icon" />
        <SearchField
          label="搜索收款记录"
          placeholder="输入关键字查询"
          value={typed}
          testid="records-search"
          onChange={setTyped}
          onEnter={search}
        />
        {typed !== '' && (
          <Tap className="search-clear" label="清除关键字" testid="records-search-clear" onTap={clear}>
            <Icon name="x" />
          </Tap>
        )}
      </Box>
      <DatePick
        label={day ? `截止日期，${day}` : '截止日期'}
        value={filter.until}
        last={isoDay(now)}
        testid="records-date"
        onPick={pick}
      >
        <Txt className={`pill date ${day ? 'date-on' : ''}`}>{day ?? '日期'}</Txt>
      </DatePick>
      {day && (
        <Tap className="date-clear" label="清除日期" testid="records-date-clear" onTap={() => pick(null)}>
          <Icon name="x" />
        </Tap>
      )}
    </Box>
  );
}
