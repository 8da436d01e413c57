import { describe, expect, it } from 'vitest';
import { grouped, readAmount, yuan } from '../src/amount';

describe('amounts as people type them', () => {
  it.each([
    ['12.5', 1250],
    ['１２８０．００', 128_000],
    ['1,280.00', 128_000],
    ['１，２８０', 128_000],
    [' ¥ 0.01 ', 1],
    ['￥12', 1200],
    ['.5', 50],
    ['7.', 700],
    ['12。5', 1250],
    ['0', 0],
    ['000012', 1200],
  ])('%s is normalised, never rounded (PRODUCT 6.9)', (typed, fen) => {
    expect(readAmount(typed)).toEqual({ fen });
  });

  it.each([
    ['', 'empty'],
    ['  ', 'empty'],
    ['¥', 'empty'],
    ['1.234', 'precise'],
    ['-1', 'nan'],
    ['－１', 'nan'],
    ['1e3', 'nan'],
    ['1,28', 'nan'],
    ['1,280,00', 'nan'],
    ['.', 'nan'],
    ['1.2.3', 'nan'],
    ['١٢', 'nan'],
    ['99999999999999999999', 'large'],
  ])('%s is refused with its own reason (issue 2, bad input)', (typed, wrong) => {
    expect(readAmount(typed)).toEqual({ wrong });
  });

  it('is written with two decimals always, and grouped for people', () => {
    expect([yuan(5), yuan(50), yuan(128_000)]).toEqual(['0.05', '0.50', '1280.00']);
    expect([grouped(1), grouped(99_900), grouped(128_000), grouped(123_456_789)]).toEqual([
      '0.01',
      '999.00',
      '1,280.00',
      '1,234,567.89',
    ]);
  });

  it('reads back what it writes', () => {
    for (const fen of [1, 10, 99, 100, 128_000, 5_000_000, 999_999_999_999]) {
      expect(readAmount(grouped(fen))).toEqual({ fen });
      expect(readAmount(yuan(fen))).toEqual({ fen });
    }
  });
});
