// The page of an order: pays by the way this browser can, waits for the result, shows the receipt.
import { payByBridge } from './bridge';
import { byId } from './dom';
import * as draft from './draft';
import { ask } from './net';
import { current, idle, show, showCode, showReceipt } from './screen';
import { T } from './text';
import { type Result, Watch } from './watch';
import { pickWay } from './way';

type Started =
  | { way: 'jsapi'; jsapi: object }
  | { way: 'h5' | 'oauth'; url: string }
  | { way: 'native'; qr_svg: string; expires_at_ms: number }
  | { way: 'paid' };

const { path = '', status, code = '', ways = '' } = byId('order').dataset;
const way = pickWay(navigator.userAgent, ways);
/** Left in the tab before it walks to WeChat's page and back. */
const signingIn = `oauth:${path}`;
const paying = `h5:${path}`;
const watch = new Watch(path, told, () => {
  if (current() === 'waiting') show('waiting', T.waitingLong, ['done']);
});

function told(result: Result): void {
  if (result.status !== 'paid' && result.status !== 'closed') return;
  watch.stop();
  if (result.status === 'closed') {
    location.replace(path);
    return;
  }
  draft.forget(code);
  showReceipt(result.paid_at_ms ?? Date.now());
}

function waiting(): void {
  show('waiting', T.waiting, []);
  watch.now();
}

function returned(): void {
  show('waiting', T.returned, ['done', 'again']);
  watch.now();
}

function native(svg: string, expires: number): void {
  showCode(`data:image/svg+xml,${encodeURIComponent(svg)}`, undefined, []);
  watch.start();
  // This computer's clock may be wrong: a fresh code is never called old at once, and a timer holds no more than a day.
  const left = Math.min(Math.max(expires - Date.now(), 300_000), 86_400_000);
  setTimeout(() => {
    if (current() !== 'scan') return;
    idle(T.scanExpired);
    byId('act').textContent = T.newCode;
  }, left);
}

async function jsapi(params: object): Promise<void> {
  const outcome = await payByBridge(params);
  if (outcome.how === 'ok') return waiting();
  watch.start();
  if (outcome.how === 'cancel') idle(T.cancelled);
  else idle(T.toPay, outcome.how === 'fail' ? T.refused(outcome.code) : T.noBridge);
}

async function go(started: Started, auto: boolean): Promise<void> {
  switch (started.way) {
    case 'jsapi':
      draft.found(signingIn);
      return jsapi(started.jsapi);
    case 'native':
      return native(started.qr_svg, started.expires_at_ms);
    case 'h5':
      returned();
      draft.leave(paying);
      location.href = started.url;
      return;
    case 'oauth':
      // Came back from signing in and is asked to sign in again: do not run in circles.
      if (draft.found(signingIn) && auto) return idle(T.toPay, T.signInAgain);
      draft.leave(signingIn);
      location.href = started.url;
      return;
    case 'paid':
      return waiting();
  }
}

/** This browser cannot pay: the order's own code, to be opened in WeChat with everything that is filled in. */
function scanInstead(): void {
  const kept = byId<HTMLTemplateElement>('code');
  const source = kept.content.querySelector('img')?.src ?? '';
  showCode(source, kept.dataset.hint, navigator.clipboard ? ['copy'] : []);
  watch.start();
}

async function start(auto: boolean): Promise<void> {
  show('busy', T.opening, ['pay']);
  const headers = { 'content-type': 'application/json' };
  const answer = await ask<Started>(path, { method: 'POST', headers, body: JSON.stringify({ way }) });
  if (answer.good) return go(answer.good, auto);
  if ([404, 409, 410].includes(answer.status)) return location.reload();
  const { title, detail = '' } = answer.problem;
  idle(T.toPay, title ? `${title}。${detail}` : T.server);
}

function press(auto: boolean): void {
  start(auto).catch(() => idle(T.toPay, T.networkOrder));
}

function listen(): void {
  byId('pay').addEventListener('click', () => press(false));
  byId('again').addEventListener('click', () => press(false));
  byId('done').addEventListener('click', waiting);
  byId('copy').addEventListener('click', () => {
    const copied = (): void => show('scan', T.copied, ['copy']);
    navigator.clipboard.writeText(location.href).then(copied, () => undefined);
  });
  // Back from the wallet by the browser's own memory: ask what became of it.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    if (current() === 'busy') idle();
    watch.now();
  });
}

function begin(): void {
  const query = new URLSearchParams(location.search);
  // Only once: a reload or the way back must not open the wallet again.
  history.replaceState(null, '', path);
  listen();
  if (draft.found(paying) || query.has('back')) {
    returned();
  } else if (way === 'scan') {
    scanInstead();
  } else {
    idle();
    if (status === 'pending') watch.now();
    if (query.has('pay')) press(true);
  }
}

if (status === 'paid') draft.forget(code);
else if (status === 'closed') draft.spend(code);
else begin();
