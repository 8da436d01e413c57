// What was typed on the page of one code, and under which key it was submitted, kept in the tab: a reload loses
// nothing, and pressing twice makes one order (PRODUCT 4).

export type Values = [name: string, value: string][];

interface Draft {
  values: Values;
  /** The submission key, and exactly what was sent with it: other content is another order. */
  key?: string;
  sent?: string;
}

const at = (path: string): string => `mott:${path}`;

function load(path: string): Draft {
  try {
    const kept = JSON.parse(sessionStorage.getItem(at(path)) ?? '') as Draft;
    return Array.isArray(kept.values) ? kept : { values: [] };
  } catch {
    return { values: [] };
  }
}

function store(path: string, draft: Draft): void {
  try {
    sessionStorage.setItem(at(path), JSON.stringify(draft));
  } catch {
    // No room or no storage: the page works, it only forgets on reload.
  }
}

export const values = (path: string): Values => load(path).values;

export function keep(path: string, values: Values): void {
  store(path, { ...load(path), values });
}

/** The key of this submission: the same one for the same content, a new one for anything else. */
export function submissionKey(path: string, values: Values, sent: string, fresh: () => string): string {
  const draft = load(path);
  const key = draft.key && draft.sent === sent ? draft.key : fresh();
  store(path, { values, key, sent });
  return key;
}

/** Paid: the next payment starts empty. */
export function forget(path: string): void {
  try {
    sessionStorage.removeItem(at(path));
  } catch {
    // Nothing was kept.
  }
}

/** Closed unpaid: what was typed stays, the spent key goes. */
export function spend(path: string): void {
  store(path, { values: load(path).values });
}

/** Leaves a mark for after a walk through somebody else's page. */
export function leave(mark: string): void {
  try {
    sessionStorage.setItem(mark, '1');
  } catch {
    // The page then starts from what the server says.
  }
}

/** Whether the mark was left; takes it away. */
export function found(mark: string): boolean {
  try {
    const was = sessionStorage.getItem(mark) !== null;
    sessionStorage.removeItem(mark);
    return was;
  } catch {
    return false;
  }
}

/** 128 random bits as 32 hex digits. */
export function randomKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (b) => b.toString(16).padStart(2, '0')).join('');
}
