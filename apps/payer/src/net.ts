// One request to our own server. Everything that is not an answer of ours counts as "no network", so that it is tried
// again: a hotel's log-in page, a cut line, a time-out.

export interface Problem {
  title?: string;
  detail?: string;
  code?: string;
  errors?: { field: string; message: string }[];
}

export interface Answer<T> {
  status: number;
  /** The body of a 2xx. */
  good?: T;
  problem: Problem;
}

export class NoNetwork extends Error {}

const PATIENCE_MS = 20_000;

export async function ask<T>(url: string, init: RequestInit): Promise<Answer<T>> {
  const stop = new AbortController();
  const timer = setTimeout(() => stop.abort(), PATIENCE_MS);
  try {
    const headers = { accept: 'application/json', ...init.headers };
    const answer = await fetch(url, { ...init, headers, signal: stop.signal, cache: 'no-store' });
    const json = /json/.test(answer.headers.get('content-type') ?? '');
    if (answer.ok && !json) throw new NoNetwork();
    const body = json ? await answer.json() : {};
    return answer.ok
      ? { status: answer.status, good: body as T, problem: {} }
      : { status: answer.status, problem: body };
  } catch {
    throw new NoNetwork();
  } finally {
    clearTimeout(timer);
  }
}
