import type { TimelineEntry } from '../api/types';
import { formatClock, formatTime, sameDay } from '../ui/time';

/** Oldest first, as in the sketch. Green only for the moment the money came. */
export function Timeline({ entries }: { entries: TimelineEntry[] }) {
  return (
    <ol className="timeline">
      {entries.map((entry, index) => {
        const before = entries[index - 1];
        const sameDayAsBefore = before !== undefined && sameDay(before.at_ms, entry.at_ms);
        return (
          <li key={`${entry.at_ms} ${entry.kind} ${entry.text}`} className={toneOf(entry.kind)}>
            {entry.text}
            <time className="num" dateTime={new Date(entry.at_ms).toISOString()}>
              {sameDayAsBefore ? formatClock(entry.at_ms) : formatTime(entry.at_ms)}
            </time>
          </li>
        );
      })}
    </ol>
  );
}

function toneOf(kind: string): string | undefined {
  return /paid|succeeded|success|confirmed/.test(kind) ? 'received' : undefined;
}
