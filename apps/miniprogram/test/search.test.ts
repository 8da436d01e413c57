import { describe, expect, it } from 'vitest';
import { mark, NO_FILTER, recordsPath, wordsOf } from '../src/core/search';
import { isoDay, isoDayLabel } from '../src/core/time';

const NOW = Date.parse('2026-11-23T10:00:00+08:00');

describe('PRODUCT 3.3: search and 日期', () => {
  it('asks for what is set, and escapes it', () => {
    expect(recordsPath(null, NO_FILTER)).toBe('/records');
    expect(recordsPath('9', { q: '李 =1&%', until: '2026-08-31' })).toBe(
      '/records?q=%E6%9D%8E%20%3D1%26%25&until=2026-08-31&cursor=9',
    );
  });

  it.each([
    ['  ', []],
    ['李　Ａ栋', ['李', 'a栋']],
    ['=1280 ¥5 1000-2000 学费', ['学费']],
    ['“3-1201”', ['3-1201']],
    ['2026-11-23', ['2026-11-23']],
    ['"', ['"']],
  ])('the words of %s', (q, words) => expect(wordsOf(q)).toEqual(words));

  it.each([
    ['学费 · 三年级', ['学费'], '[学费] · 三年级'],
    ['Ａ栋1503', ['a栋'], '[Ａ栋]1503'],
    ['三三三', ['三三'], '[三三三]'],
    ['学费', [], '学费'],
    ['', ['学'], ''],
    ['😀李', ['李'], '😀[李]'],
    ['İİ学', ['学'], 'İİ[学]'],
    ['a.c', ['.'], 'a[.]c'],
  ])('marks in %s', (text, words, shown) => {
    const pieces = mark(text, words);
    expect(pieces.map((p) => (p.marked ? `[${p.text}]` : p.text)).join('')).toBe(shown);
    expect(pieces.map((p) => p.text).join('')).toBe(text);
  });

  it('days are those of Shanghai', () => {
    expect(isoDay(Date.parse('2026-11-22T16:00:00Z'))).toBe('2026-11-23');
    expect(isoDayLabel('2026-08-31', NOW)).toBe('8月31日');
    expect(isoDayLabel('2025-08-31', NOW)).toBe('2025年8月31日');
  });
});
