// The page of an order: pays by the way this browser can, waits for the result, shows the receipt.
import { payByBridge } from './bridge';
import { byId } from './dom';
import * as draft from './draft';
import { ask } from './net';
import { T } from './text';
import { Watch, type Result } from './watch';
import { pickWay, shanghaiTime } from './way';

type Started =
  | { way: 'jsapi'; jsapi: object }
  | { way: 'h5' | 'oauth'; url: string }
  | { way: 'native'; qr_svg: string; expires_at_ms: number }
  | { way: 'paid' };

type Button = 'pay' | 'done' | 'again' | 'copy';

const main = byId('order');
const { path = '', status, code = '' } = main.dataset;

function pays(): void {
  const way = pickWay(navigator.userAgent, main.dataset.h5 === 'true');
  const state = byId('state');
  const button = byId<HTMLButtonElement>('pay');
  const qr = byId('qr');
  const picture = qr.firstElementChild as HTMLImageElement;
  const signIn = `oauth:${path}`;
  const watch = new Watch(path, told, () => {
    if (state.dataset.state === 'waiting') show('waiting', T.waitingLong, ['done']);
  });

  /** One state at a time: its word, and the buttons that make sense in it. */
  function show(name: string, text: string, buttons: Button[], trouble = ''): void {
    state.dataset.state = name;
    state.textContent = text;
    byId('trouble').textContent = trouble;
    qr.hidden = name !== 'scan';
    for (const id of ['pay', 'done', 'again', 'copy'] as Button[]) byId(id).hidden = !buttons.includes(id);
    button.setAttribute('aria-busy', String(name === 'busy'));
    button.disabled = name === 'busy';
    byId('act').textContent = trouble ? T.retry : T.pay;
  }

  const idle = (text = T.toPay, trouble = ''): void => show('created', text, ['pay'], trouble);
  const waiting = (): void => {
    show('waiting', T.waiting, []);
    watch.now();
  };
  const returned = (): void => {
    show('waiting', T.returned, ['done', 'again']);
    watch.now();
  };

  function told({ status, paid_at_ms }: Result): void {
    if (status !== 'paid' && status !== 'closed') return;
    watch.stop();
    if (status === 'closed') return location.replace(path);
    draft.forget(code);
    document.querySelector('.bar')?.remove();
    main.textContent = '';
    main.append(byId<HTMLTemplateElement>('receipt').content.cloneNode(true));
    byId('paid-at').textContent = shanghaiTime(paid_at_ms ?? Date.now());
    document.title = `${main.querySelector('h1')?.textContent}`;
    scrollTo(0, 0);
  }

  function scan(source: string, hint: string | undefined, buttons: Button[]): void {
    picture.src = source;
    if (hint) byId('qr-hint').textContent = hint;
    show('scan', T.scan, buttons);
    watch.start();
  }

  function native(svg: string, expires: number): void {
    scan(`data:image/svg+xml,${encodeURIComponent(svg)}`, undefined, []);
    // This computer's clock may be wrong: a fresh code is never called old at once, and a timer holds no more than a day.
    const left = Math.min(Math.max(expires - Date.now(), 300_000), 86_400_000);
    setTimeout(() => {
      if (state.dataset.state !== 'scan') return;
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
        sessionStorage.removeItem(signIn);
        return jsapi(started.jsapi);
      case 'native':
        return native(started.qr_svg, started.expires_at_ms);
      case 'h5':
        returned();
        location.href = started.url;
        return;
      case 'oauth':
        // Came back from signing in and is asked to sign in again: do not run in circles.
        if (auto && sessionStorage.getItem(signIn)) return idle(T.toPay, T.signInAgain);
        sessionStorage.setItem(signIn, '1');
        location.href = started.url;
        return;
      case 'paid':
        return waiting();
    }
  }

  async function start(auto: boolean): Promise<void> {
    if (way === 'scan') {
      const kept = byId<HTMLTemplateElement>('code');
      const source = kept.content.querySelector('img')?.src ?? '';
      return scan(source, kept.dataset.hint, navigator.clipboard ? ['copy'] : []);
    }
    show('busy', T.opening, ['pay']);
    const headers = { 'content-type': 'application/json' };
    const { good, status, problem } = await ask<Started>(path, { method: 'POST', headers, body: JSON.stringify({ way }) });
    if (good) return go(good, auto);
    if (status === 404 || status === 409 || status === 410) return location.reload();
    idle(T.toPay, problem.title ? `${problem.title}。${problem.detail ?? ''}` : T.server);
  }

  const press = (auto: boolean): void => {
    start(auto).catch(() => idle(T.toPay, T.networkOrder));
  };

  button.addEventListener('click', () => press(false));
  byId('again').addEventListener('click', () => press(false));
  byId('done').addEventListener('click', waiting);
  byId('copy').addEventListener('click', () => {
    navigator.clipboard.writeText(location.href).then(() => show('scan', T.copied, ['copy']), () => undefined);
  });
  // Back from the wallet by the browser's own memory: ask what became of it.
  addEventListener('pageshow', (event) => {
    if (!event.persisted) return;
    if (state.dataset.state === 'busy') idle();
    watch.now();
  });

  const query = new URLSearchParams(location.search);
  history.replaceState(null, '', path);
  idle();
  if (status === 'pending') watch.now();
  if (query.has('back')) returned();
  else if (query.has('pay') || way === 'scan') press(true);
}

if (status === 'paid') draft.forget(code);
else if (status === 'closed') draft.spend(code);
else pays();
