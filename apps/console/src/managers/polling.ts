import type { Manager } from '../api/types';

export const MAIL_POLL_MS = 2000;
const SLOW_POLL_MS = 15_000;
/** A mail still queued after this long waits for a retry of the worker; asking every other second would not help. */
const IMPATIENT_MS = 60_000;

/** How soon to ask again: often while a mail is freshly queued, seldom while one is stuck, never otherwise. */
export function mailPollInterval(managers: Manager[], nowMs: number): number | false {
  const queued = managers.filter((manager) => manager.mail?.state === 'queued');
  if (queued.length === 0) return false;
  return queued.some((manager) => nowMs - (manager.mail?.at_ms ?? 0) < IMPATIENT_MS) ? MAIL_POLL_MS : SLOW_POLL_MS;
}
