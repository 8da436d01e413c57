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

/** 128000 → "1280.00", for a field. */
export function fenToInput(fen: number): string {
  return formatFen(fen).replace(/,/g, '');
}

/** "12.5" or "１２．５" → 1250; null where it is no amount of at most two decimals. */
export function parseYuan(text: string): number | null {
  const plain = text
    .trim()
    .replace(/[０-９]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace('．', '.');
  const match = /^(\d{1,9})(?:\.(\d{1,2}))?$/.exec(plain);
  return match ? Number((match[1] ?? '') + (match[2] ?? '').padEnd(2, '0')) : null;
}

/** Class of a page's largest figure: from ten million yuan on it is set smaller, so that it stays on one line. */
export function bigSumClass(fen: number): string {
  return formatFen(fen).length > 12 ? 'sum-big sum-long num' : 'sum-big num';
}
