import { describe, expect, it } from 'vitest';
import { formatClock, formatShortTime, formatTime, sameDay } from './time';

const late = Date.UTC(2026, 10, 22, 17, 30, 5);

describe('times are shown in Asia/Shanghai (PRODUCT 6.9)', () => {
  it('moves an evening in UTC to the next business day', () => {
    expect(formatTime(late)).toBe('2026-11-23 01:30:05');
    expect(formatClock(late)).toBe('01:30:05');
  });

  it('drops the year only within the same year', () => {
    expect(formatShortTime(late, Date.UTC(2026, 5, 1))).toBe('11-23 01:30:05');
    expect(formatShortTime(late, Date.UTC(2027, 5, 1))).toBe('2026-11-23 01:30:05');
  });

  it('compares days where the business is, not where the browser is', () => {
    expect(sameDay(Date.UTC(2026, 10, 22, 15, 59), Date.UTC(2026, 10, 22, 16, 0))).toBe(false);
    expect(sameDay(Date.UTC(2026, 10, 22, 16, 0), Date.UTC(2026, 10, 23, 15, 59))).toBe(true);
  });
});
