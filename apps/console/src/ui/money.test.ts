import { describe, expect, it } from 'vitest';
import { fenToInput, formatFen, parseYuan } from './money';

describe('formatFen: always two decimals, never rounded (ui README)', () => {
  it.each([
    [0, '0.00'],
    [1, '0.01'],
    [10, '0.10'],
    [128000, '1,280.00'],
    [100000000, '1,000,000.00'],
    [-5, '-0.05'],
  ])('%i fen is %s', (fen, text) => {
    expect(formatFen(fen)).toBe(text);
  });
});

describe('parseYuan: amounts are integers of fen (PRODUCT 6.9)', () => {
  it.each([
    ['1280', 128000],
    ['1,280.5', 128050],
    ['0.01', 1],
    [' 19.99 ', 1999],
    ['１２８０．５', 128050],
    ['1.15', 115],
  ])('%s is %i fen', (text, fen) => {
    expect(parseYuan(text)).toBe(fen);
  });

  it.each(['', '1.234', '-1', '12,80', 'abc', '1.', '.5', '1e3'])('refuses %s', (text) => {
    expect(parseYuan(text)).toBeNull();
  });

  it('gives back what an input shows', () => {
    expect(parseYuan(fenToInput(5000000))).toBe(5000000);
  });
});
