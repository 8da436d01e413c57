import { describe, expect, it } from 'vitest';
import { safeNext } from './session';

describe('after login one returns to where one was, and nowhere else', () => {
  it('keeps a path with its filters', () => {
    expect(safeNext('/orders/12?status=paid')).toBe('/orders/12?status=paid');
  });

  it.each([null, '', 'https://evil.test', '//evil.test', '/\\evil.test'])('refuses %s', (next) => {
    expect(safeNext(next)).toBe('/orders');
  });
});
