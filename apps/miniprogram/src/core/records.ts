import type { PaymentRecord, RecordPage } from '../api/types';
import { dayLabel, dayNumber } from './time';

export interface RecordList {
  records: PaymentRecord[];
  /** Where the next older page begins; null when there is none. */
  nextBefore: string | null;
}

export interface DayGroup {
  day: number;
  label: string;
  records: PaymentRecord[];
  /** Count and sum, only where the whole day is loaded: half a day's sum would be a wrong figure. */
  total: { count: number; sumFen: number } | null;
}

/** Adds the next older page. A record that is already there stays where it is (PRODUCT 3.3: nothing shown twice). */
export function appendPage(list: RecordList, page: RecordPage): RecordList {
  return { records: unique([...list.records, ...page.records]), nextBefore: page.next_cursor };
}

/**
 * Puts a fresh first page over what is there. If the two do not meet, more than a page came in between: then the list
 * begins anew, for a hole in it would look like "there was nothing".
 */
export function refreshTop(list: RecordList, page: RecordPage): RecordList {
  const known = new Set(list.records.map((r) => r.record_id));
  const meets = page.next_cursor === null || page.records.some((r) => known.has(r.record_id));
  if (!meets || list.records.length === 0) return { records: unique(page.records), nextBefore: page.next_cursor };
  return { records: unique([...page.records, ...list.records]), nextBefore: list.nextBefore };
}

/** A payment that arrived live goes to its place by time, which is nearly always the top. */
export function addLive(list: RecordList, record: PaymentRecord): RecordList {
  if (list.records.some((r) => r.record_id === record.record_id)) return list;
  const at = list.records.findIndex((r) => r.paid_at_ms <= record.paid_at_ms);
  // Older than everything loaded: the page that it belongs to will bring it.
  if (at === -1 && list.nextBefore !== null) return list;
  const place = at === -1 ? list.records.length : at;
  return { ...list, records: [...list.records.slice(0, place), record, ...list.records.slice(place)] };
}

/** By business day in Shanghai, in the order given. */
export function groupByDay(list: RecordList, nowMs: number): DayGroup[] {
  const groups: DayGroup[] = [];
  for (const record of list.records) {
    const day = dayNumber(record.paid_at_ms);
    const last = groups[groups.length - 1];
    if (last?.day === day) last.records.push(record);
    else groups.push({ day, label: dayLabel(record.paid_at_ms, nowMs), records: [record], total: null });
  }
  groups.forEach((group, i) => {
    const whole = i < groups.length - 1 || list.nextBefore === null;
    if (whole) group.total = { count: group.records.length, sumFen: sum(group.records) };
  });
  return groups;
}

function sum(records: PaymentRecord[]): number {
  return records.reduce((total, r) => total + r.amount_fen, 0);
}

function unique(records: PaymentRecord[]): PaymentRecord[] {
  const seen = new Set<string>();
  return records.filter((r) => !seen.has(r.record_id) && seen.add(r.record_id));
}
