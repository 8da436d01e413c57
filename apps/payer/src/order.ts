// The page of an order: pays by the ways that this browser can, waits for the result, shows the receipt.
import { type Outcome, payByAlipay, payByWeChat } from './bridge';
import { byId } from './dom';
import * as draft from './draft';
import { ask } from './net';
import { countDown, current, label, show, showCode, showReceipt } from './screen';
import { T } from './text';
import { type Result, Watch } from './watch';
import { type Channel, type Offer, offers, scanners } from './way';

type Started =
  | { way: 'jsapi'; jsapi: object }
  | { way: 'trade'; trade_no: string }
  | { way: 'oauth'; url: string }
  | { way: 'h5'; url: string; left_ms: number }
  | { way: 'native'; qr_svg: string; left_ms: number }
  | { way: 'held'; channel: Channel; left_ms: number }
  | { way: 'paid' };

/** More time than this is not counted down in front of a payer. */
const SHORT_MS = 600_000;
/** A timer holds no more than a day. */
const DAY_MS = 86_400_000;

const { path = '', status, code = '', ways = '' } = byId('order').dataset;
const here = offers(navigator.userAgent, ways);
/** The wallet that was chosen last, and what the two buttons stand for. */
let chosen: Offer | undefined;
let [first, second] = here;
/** Left in the tab before it walks to the wallet's page and back. */
const signingIn = `oauth:${path}`;
const paying = (channel: Channel): string => `h5:${channel}:${path}`;
const askedAgain = `again:${path}`;
const watch = new Watch(path, told, () => {
  if (current() === 'waiting') show('waiting', T.waitingLong, ['done']);
});

function told(result: Result): void {
  if (result.status === 'closed') {
    watch.stop();
    location.replace(path);
  } else if (result.paid_at_ms !== null) {
    watch.stop();
    draft.forget(code);
    showReceipt(result.paid_at_ms, result.wallet ?? '');
  }
}

/** Ready to pay, with what happened before, or what went wrong; where there are two wallets, with both. */
function idle(text = here.length > 1 ? T.choice : T.toPay, trouble = ''): void {
  [first, second] = here;
  show('created', text, second ? ['pay', 'pay2'] : ['pay'], trouble);
  if (first) label('pay', trouble && !second ? T.retry : T.wallet[first.channel], first);
  if (second) label('pay2', T.wallet[second.channel], second);
}

/** The other wallet, on a button of its own. */
function offerOther(): 'other'[] {
  const other = chosen && here.find(({ channel }) => channel !== chosen?.channel);
  if (!other) return [];
  label('other', T.other(other.channel), other);
  return ['other'];
}

function waiting(): void {
  show('waiting', T.waiting, []);
  watch.now();
}

function returned(leftMs = 0): void {
  show('waiting', T.returned(chosen?.channel), ['done', 'again', ...offerOther()]);
  if (leftMs > 0 && leftMs < SHORT_MS) countDown(leftMs, T.within, () => undefined);
  watch.now();
}

function native(wallet: Channel, svg: string, leftMs: number): void {
  const source = `data:image/svg+xml,${encodeURIComponent(svg)}`;
  showCode(source, T.scanWith([wallet]), T.openWallet(wallet), offerOther());
  watch.start();
  const over = (): void => {
    if (current() !== 'scan') return;
    idle(T.scanExpired);
    if (first && !second) label('pay', T.newCode, first);
  };
  if (leftMs < SHORT_MS) countDown(leftMs, T.within, over);
  else setTimeout(over, Math.min(leftMs, DAY_MS));
}

/** Somebody else's attempt that nobody can close: go on with it, or wait until it is dead. */
function held(wallet: Channel, leftMs: number): void {
  const same = here.find(({ channel }) => channel === wallet);
  show('created', T.toPay, same ? ['pay'] : [], T.held(wallet));
  if (same) {
    first = same;
    label('pay', T.goOn(wallet), same);
  }
  countDown(leftMs, T.left, () => idle());
  watch.start();
}

async function bridged(offer: Offer, window: Promise<Outcome>): Promise<void> {
  const outcome = await window;
  if (outcome.how === 'ok') return waiting();
  watch.start();
  if (outcome.how === 'cancel') idle(T.cancelled);
  else if (outcome.how === 'fail') await failed(offer, outcome.code, outcome.message);
  else idle(T.toPay, T.noBridge(offer.channel));
}

/** The server has a sentence for what the wallet said; where another account ordered, it asks again who pays. */
async function failed(offer: Offer, said: string, message: string): Promise<void> {
  const body = JSON.stringify({ ...offer, code: said.slice(0, 60), message: message.slice(0, 200) });
  const headers = { 'content-type': 'application/json' };
  type Words = { again: boolean; title: string; detail: string };
  const answer = await ask<Words>(`${path}/failed`, { method: 'POST', headers, body }).catch(() => undefined);
  const words = answer?.good;
  if (words?.again && !draft.found(askedAgain)) {
    draft.leave(askedAgain);
    draft.found(signingIn);
    return start(offer, false);
  }
  idle(T.toPay, words ? `${words.title}。${words.detail}` : T.refused(said));
}

async function go(offer: Offer, started: Started, auto: boolean): Promise<void> {
  switch (started.way) {
    case 'jsapi':
      draft.found(signingIn);
      return bridged(offer, payByWeChat(started.jsapi));
    case 'trade':
      draft.found(signingIn);
      return bridged(offer, payByAlipay(started.trade_no));
    case 'native':
      return native(offer.channel, started.qr_svg, started.left_ms);
    case 'h5':
      returned(started.left_ms);
      draft.leave(paying(offer.channel));
      location.href = started.url;
      return;
    case 'oauth':
      // Came back from signing in and is asked to sign in again: do not run in circles.
      if (draft.found(signingIn) && auto) return idle(T.toPay, T.signInAgain);
      draft.leave(signingIn);
      location.href = started.url;
      return;
    case 'held':
      return held(started.channel, started.left_ms);
    case 'paid':
      return waiting();
  }
}

/** This browser cannot pay: the order's own code, to be opened in a wallet with everything that is filled in. */
function scanInstead(): void {
  const can = scanners(ways);
  if (!can.length) {
    show('created', T.toPay, ['again'], T.noWallet);
    return;
  }
  const source = byId<HTMLTemplateElement>('code').content.querySelector('img')?.src ?? '';
  showCode(source, T.scanWith(can), T.scanHint(can), navigator.clipboard ? ['copy'] : []);
  watch.start();
}

async function start(offer: Offer, auto: boolean): Promise<void> {
  chosen = offer;
  show('busy', T.opening(offer.channel), ['pay']);
  label('pay', T.wallet[offer.channel], offer);
  const headers = { 'content-type': 'application/json' };
  const answer = await ask<Started>(path, { method: 'POST', headers, body: JSON.stringify(offer) });
  if (answer.good) return go(offer, answer.good, auto);
  if ([404, 409, 410].includes(answer.status)) return location.reload();
  const { title, detail = '' } = answer.problem;
  idle(T.toPay, title ? `${title}。${detail}` : T.server);
}

function press(offer: Offer | undefined, auto = false): void {
  if (offer) start(offer, auto).catch(() => idle(T.toPay, T.networkOrder));
  else location.reload();
}

function listen(): void {
  byId('pay').addEventListener('click', () => press(first));
  byId('pay2').addEventListener('click', () => press(second));
  byId('other').addEventListener('click', () => press(here.find(({ channel }) => channel !== chosen?.channel)));
  byId('again').addEventListener('click', () => (chosen || !here.length ? press(chosen) : idle()));
  byId('done').addEventListener('click', waiting);
  byId('copy').addEventListener('click', () => {
    const copied = (): void => show('scan', T.copied(scanners(ways)), ['copy']);
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
  chosen = here.find(({ channel }) => draft.found(paying(channel)));
  if (chosen || query.has('back')) {
    returned();
  } else if (!here.length) {
    scanInstead();
  } else {
    idle();
    if (status === 'pending') watch.now();
    // Where there is a choice the payer makes it.
    if (query.has('pay') && !second) press(first, true);
  }
}

if (status === 'paid') draft.forget(code);
else if (status === 'closed') draft.spend(code);
else begin();
