/**
 * Fen as people read them: 1864000 → "18,640.00". Always two decimals, never rounded, and never through a
 * floating-point number: the digits are cut, not divided.
 */
export function formatFen(fen: number): string {
  if (!Number.isSafeInteger(fen)) throw new RangeError('money is a whole number of fen');
  const digits = String(Math.abs(fen)).padStart(3, '0');
  const yuan = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${fen < 0 ? '-' : ''}${yuan}.${digits.slice(-2)}`;
}

/** Class of a page's largest figure: from ten million yuan on it is set smaller, so that it stays on one line. */
export function bigSumClass(fen: number): string {
  return formatFen(fen).length > 12 ? 'sum-big sum-long num' : 'sum-big num';
}
