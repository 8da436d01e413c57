// Business time is Asia/Shanghai, a fixed +08:00: no time-zone table is needed, and the phone's own zone never counts.
const SHANGHAI_MS = 8 * 3_600_000;
const DAY_MS = 86_400_000;
const WEEKDAYS = ['日', '一', '二', '三', '四', '五', '六'];

const local = (ms: number) => new Date(ms + SHANGHAI_MS);
const two = (n: number) => String(n).padStart(2, '0');

/** Days since 1970-01-01 in Shanghai: equal for two moments of the same business day. */
export function dayNumber(ms: number): number {
  return Math.floor((ms + SHANGHAI_MS) / DAY_MS);
}

/** Heading of a day of records: 今天, 昨天, 8月31日 周一, and with the year when it is not this one. */
export function dayLabel(ms: number, nowMs: number): string {
  const distance = dayNumber(nowMs) - dayNumber(ms);
  if (distance === 0) return '今天';
  if (distance === 1) return '昨天';
  return `${dateLabel(ms, nowMs)} 周${WEEKDAYS[local(ms).getUTCDay()]}`;
}

function dateLabel(ms: number, nowMs: number): string {
  const d = local(ms);
  const year = d.getUTCFullYear() === local(nowMs).getUTCFullYear() ? '' : `${d.getUTCFullYear()}年`;
  return `${year}${d.getUTCMonth() + 1}月${d.getUTCDate()}日`;
}

/** 2026-11-23: the business day, as the server and date pickers write it. */
export function isoDay(ms: number): string {
  const d = local(ms);
  return `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`;
}

/** 8月31日, and with the year when it is not this one. */
export function isoDayLabel(day: string, nowMs: number): string {
  return dateLabel(Date.parse(`${day}T00:00:00+08:00`), nowMs);
}

/** 14:32 */
export function clock(ms: number): string {
  const d = local(ms);
  return `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}`;
}

/** 2026-11-23 14:32:05 */
export function fullTime(ms: number): string {
  const d = local(ms);
  return `${isoDay(ms)} ${clock(ms)}:${two(d.getUTCSeconds())}`;
}

/** The moment as said in a sentence: 14:32, 明天 00:10, 昨天 23:50, 11月20日 09:00. */
export function moment(ms: number, nowMs: number): string {
  const distance = dayNumber(ms) - dayNumber(nowMs);
  const day = distance === 0 ? '' : distance === 1 ? '明天 ' : distance === -1 ? '昨天 ' : `${dateLabel(ms, nowMs)} `;
  return `${day}${clock(ms)}`;
}

/** How long ago: 刚刚, 3 分钟前, 2 小时前, then the moment itself. */
export function ago(ms: number, nowMs: number): string {
  const minutes = Math.floor((nowMs - ms) / 60_000);
  if (minutes < 1) return '刚刚';
  if (minutes < 60) return `${minutes}\u2009分钟前`;
  if (minutes < 360) return `${Math.floor(minutes / 60)}\u2009小时前`;
  return moment(ms, nowMs);
}
