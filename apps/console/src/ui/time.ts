// Business time is Asia/Shanghai, a fixed +08:00, whatever zone the browser is in.
const OFFSET_MS = 8 * 3600 * 1000;

const two = (n: number) => String(n).padStart(2, '0');

function parts(atMs: number) {
  const d = new Date(atMs + OFFSET_MS);
  return {
    date: `${d.getUTCFullYear()}-${two(d.getUTCMonth() + 1)}-${two(d.getUTCDate())}`,
    time: `${two(d.getUTCHours())}:${two(d.getUTCMinutes())}:${two(d.getUTCSeconds())}`,
  };
}

/** "2026-11-23 10:21:07" */
export function formatTime(atMs: number): string {
  const { date, time } = parts(atMs);
  return `${date} ${time}`;
}

/** "11-23 10:21:07", for lists; with the year when it is not this year. */
export function formatShortTime(atMs: number, nowMs: number): string {
  const full = formatTime(atMs);
  return full.slice(0, 4) === formatTime(nowMs).slice(0, 4) ? full.slice(5) : full;
}

/** "10:21:07" */
export function formatClock(atMs: number): string {
  return parts(atMs).time;
}

/** The same day in Shanghai? */
export function sameDay(aMs: number, bMs: number): boolean {
  return parts(aMs).date === parts(bMs).date;
}
