// What the page of an unpaid order shows: one state at a time, its word, and the buttons that make sense in it.
import { byId } from './dom';
import { T } from './text';
import { shanghaiTime } from './way';

export type State = 'created' | 'busy' | 'waiting' | 'scan';
type Button = 'pay' | 'done' | 'again' | 'copy';

const BUTTONS: Button[] = ['pay', 'done', 'again', 'copy'];

export const current = (): string => byId('state').dataset.state ?? '';

export function show(name: State, text: string, buttons: Button[], trouble = ''): void {
  const state = byId('state');
  state.dataset.state = name;
  state.textContent = text;
  byId('trouble').textContent = trouble;
  byId('qr').hidden = name !== 'scan';
  for (const id of BUTTONS) byId(id).hidden = !buttons.includes(id);
  const pay = byId<HTMLButtonElement>('pay');
  pay.disabled = name === 'busy';
  pay.setAttribute('aria-busy', String(pay.disabled));
  byId('act').textContent = trouble ? T.retry : T.pay;
}

/** Ready to pay, with what happened before, or what went wrong. */
export function idle(text = T.toPay, trouble = ''): void {
  show('created', text, ['pay'], trouble);
}

/** A code to scan; the hint replaces the one under it. */
export function showCode(source: string, hint: string | undefined, buttons: Button[]): void {
  const picture = byId('qr').querySelector('img');
  if (picture) picture.src = source;
  if (hint) byId('qr-hint').textContent = hint;
  show('scan', T.scan, buttons);
}

/** The receipt that the server has laid ready, with the time it could not know. */
export function showReceipt(paidAtMs: number): void {
  const main = byId('order');
  document.querySelector('.bar')?.remove();
  main.textContent = '';
  main.append(byId<HTMLTemplateElement>('receipt').content.cloneNode(true));
  byId('paid-at').textContent = shanghaiTime(paidAtMs);
  document.title = main.querySelector('h1')?.textContent ?? '';
  scrollTo(0, 0);
}
