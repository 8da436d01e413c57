/** What a manager looks for in 收款记录. */
export interface RecordFilter {
  /** As it was typed, without the spaces around it. */
  q: string;
  /** The day that the list begins at the end of (2026-11-23); null: now. */
  until: string | null;
}

export const NO_FILTER: RecordFilter = { q: '', until: null };

/** As long as the server takes it. */
export const LONGEST_QUERY = 100;

/** The address of a page of records. */
export function recordsPath(cursor: string | null, { q, until }: RecordFilter): string {
  const parts: string[] = [];
  for (const [name, value] of Object.entries({ q, until, cursor })) {
    if (value) parts.push(`${name}=${encodeURIComponent(value)}`);
  }
  return parts.length ? `/records?${parts.join('&')}` : '/records';
}

export interface Piece {
  /** Where it begins. */
  at: number;
  text: string;
  marked: boolean;
}

/** The words of a query that are looked for in texts: amounts (=1280, 1000-2000) are not. */
export function wordsOf(q: string): string[] {
  const amount = /^([=¥].*|[\d.,]+[-~–—][\d.,]+)$/;
  return fold(q)
    .split(/\s+/)
    .map((word) => (amount.test(word) ? '' : word.replace(/^["“”「](.+)["“”」]$/, '$1')))
    .filter((word) => word !== '');
}

/** A text in pieces, those marked that one looked for; the pieces together are the text. */
export function mark(text: string, words: string[]): Piece[] {
  const folded = fold(text);
  const marked = new Array<boolean>(text.length).fill(false);
  for (const word of words) {
    for (let at = folded.indexOf(word); at >= 0; at = folded.indexOf(word, at + 1)) {
      marked.fill(true, at, at + word.length);
    }
  }
  const pieces: Piece[] = [];
  marked.forEach((hit, at) => {
    const last = pieces[pieces.length - 1];
    if (last?.marked === hit) last.text += text.charAt(at);
    else pieces.push({ at, text: text.charAt(at), marked: hit });
  });
  return pieces;
}

/** Half width and lower case, as the server compares; unit for unit, so that places stay the same. */
function fold(text: string): string {
  let out = '';
  for (let i = 0; i < text.length; i += 1) {
    const c = halfWidth(text.charAt(i));
    const lower = c.toLowerCase();
    out += lower.length === c.length ? lower : c;
  }
  return out;
}

function halfWidth(c: string): string {
  const unit = c.charCodeAt(0);
  if (unit >= 0xff01 && unit <= 0xff5e) return String.fromCharCode(unit - 0xfee0);
  return unit === 0xffe5 ? '¥' : unit === 0x3000 ? ' ' : c;
}
