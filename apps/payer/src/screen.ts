// What the page of an unpaid order shows: one state at a time, its word, and the buttons that make sense in it.
import { byId } from './dom';
import { T } from './text';
import { left, type Offer, shanghaiTime } from './way';

export type State = 'created' | 'busy' | 'waiting' | 'scan';
type Button = 'pay' | 'pay2' | 'done' | 'again' | 'other' | 'copy';

const BUTTONS: Button[] = ['pay', 'pay2', 'done', 'again', 'other', 'copy'];
let ticking = 0;

export const current = (): string => byId('state').dataset.state ?? '';

export function show(name: State, text: string, buttons: Button[], trouble = ''): void {
  const state = byId('state');
  clearInterval(ticking);
  byId('left').textContent = '';
  state.dataset.state = name;
  state.textContent = text;
  byId('trouble').textContent = trouble;
  byId('qr').hidden = name !== 'scan';
  for (const id of BUTTONS) byId(id).hidden = !buttons.includes(id);
  const pay = byId<HTMLButtonElement>('pay');
  pay.disabled = name === 'busy';
  pay.setAttribute('aria-busy', String(pay.disabled));
}

/** What a button says, and in which wallet's colour. */
export function label(id: 'pay' | 'pay2' | 'other', text: string, { channel }: Offer): void {
  const button = byId(id);
  (button.firstElementChild ?? button).textContent = text;
  button.dataset.wallet = channel;
}

/** Counts down, by the time that the server says is left: this phone's clock may be wrong. */
export function countDown(ms: number, say: (time: string) => string, over: () => void): void {
  const until = performance.now() + ms;
  const tick = (): void => {
    const rest = until - performance.now();
    byId('left').textContent = say(left(rest));
    if (rest > 0) return;
    clearInterval(ticking);
    byId('left').textContent = '';
    over();
  };
  clearInterval(ticking);
  ticking = window.setInterval(tick, 1000);
  tick();
}

/** A code to scan, with what and how. */
export function showCode(source: string, title: string, hint: string, buttons: Button[]): void {
  const picture = byId('qr').querySelector('img');
  if (picture) {
    picture.src = source;
    picture.alt = title;
  }
  byId('qr-title').textContent = title;
  byId('qr-hint').textContent = hint;
  show('scan', T.scan, buttons);
}

/** The receipt that the server has laid ready, with what it could not know. */
export function showReceipt(paidAtMs: number, wallet: string): void {
  const main = byId('order');
  clearInterval(ticking);
  document.querySelector('.bar')?.remove();
  main.textContent = '';
  main.append(byId<HTMLTemplateElement>('receipt').content.cloneNode(true));
  byId('paid-at').textContent = shanghaiTime(paidAtMs);
  byId('paid-by').textContent = wallet;
  document.title = main.querySelector('h1')?.textContent ?? '';
  scrollTo(0, 0);
}
