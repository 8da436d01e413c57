// What a person types as an amount, read by the same rules as the server's `money::Amount::from_typed`: the server
// decides, this only says it sooner. Amounts are integers of fen.

export type Reading = { fen: number } | { wrong: 'empty' | 'nan' | 'precise' | 'large' };

/** Full-width digits and signs as phones' Chinese keyboards produce them, made narrow. */
export function narrow(text: string): string {
  return text
    .replace(/[\uff01-\uff5e]/g, (c) => String.fromCharCode(c.charCodeAt(0) - 0xfee0))
    .replace(/[\u3000\u00a0\u2009]/g, ' ')
    .replace(/。/g, '.');
}

/** Reads a typed amount; a third decimal, a sign or a letter is refused, never rounded away. */
export function readAmount(text: string): Reading {
  let plain = narrow(text)
    .trim()
    .replace(/^[¥￥]+/, '')
    .trim();
  if (plain === '') return { wrong: 'empty' };
  if (plain.includes(',')) {
    if (!/^\d{1,3}(,\d{3})+(\.\d*)?$/.test(plain)) return { wrong: 'nan' };
    plain = plain.replace(/,/g, '');
  }
  const parts = /^(\d*)(?:\.(\d*))?$/.exec(plain);
  const yuan = parts?.[1] ?? '';
  const fen = parts?.[2] ?? '';
  if (!parts || yuan + fen === '') return { wrong: 'nan' };
  if (fen.length > 2) return { wrong: 'precise' };
  const all = `${yuan}${fen.padEnd(2, '0')}`.replace(/^0+(?=\d)/, '');
  return all.length > 15 ? { wrong: 'large' } : { fen: Number(all) };
}

/** `128000` as `1280.00`. */
export function yuan(fen: number): string {
  const digits = String(fen).padStart(3, '0');
  return `${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

/** `128000` as `1,280.00`. */
export function grouped(fen: number): string {
  return yuan(fen).replace(/\B(?=(\d{3})+\.)/g, ',');
}
