// Money is integer fen. Strings are cut and joined; no floating-point number ever holds yuan.

/** 128000 → "1,280.00". Always two decimals, never rounded. */
export function formatFen(fen: number): string {
  const sign = fen < 0 ? '-' : '';
  const digits = String(Math.abs(fen)).padStart(3, '0');
  const yuan = digits.slice(0, -2).replace(/\B(?=(\d{3})+$)/g, ',');
  return `${sign}${yuan}.${digits.slice(-2)}`;
}

/** 128000 → "1280.00", for an input. */
export function fenToInput(fen: number): string {
  return formatFen(fen).replaceAll(',', '');
}

const FULL_WIDTH = /[０-９．，]/g;
const NARROW: Record<string, string> = { '．': '.', '，': ',' };

/** "1,280.5" or "１２８０" → 128050; null when it is not an amount of at most two decimals. Group commas must be in place. */
export function parseYuan(text: string): number | null {
  const plain = text.trim().replace(FULL_WIDTH, (c) => NARROW[c] ?? String.fromCharCode(c.charCodeAt(0) - 0xfee0));
  const match = /^(\d{1,3}(?:,\d{3})+|\d{1,10})(?:\.(\d{1,2}))?$/.exec(plain);
  if (!match) return null;
  const yuan = (match[1] ?? '').replaceAll(',', '');
  const fen = Number(yuan + (match[2] ?? '').padEnd(2, '0'));
  return Number.isSafeInteger(fen) ? fen : null;
}
