// The page of a code. Without this script the form posts itself; with it, nothing typed is ever lost and pressing twice
// makes one order.
import { grouped, readAmount } from './amount';
import { byId } from './dom';
import * as draft from './draft';
import { check, mark, markAll, names, restore, tidied, typed } from './fields';
import { ask, type Problem } from './net';
import { T } from './text';
import { offers, scanners } from './way';

const form = byId<HTMLFormElement>('form');
const button = byId<HTMLButtonElement>('pay');
const trouble = byId('trouble');
const amount = form.querySelector<HTMLInputElement>('#amount');
const path = form.getAttribute('action') ?? '';
const word = button.firstElementChild as HTMLElement;
const { ways = '' } = form.dataset;
const here = offers(navigator.userAgent, ways);
/** Where there is one wallet the button is that wallet's. */
const [only] = here;
const payWord = here.length === 1 && only ? T.wallet[only.channel] : T.pay;
let busy = false;

function setBusy(now: boolean, label = payWord): void {
  busy = now;
  button.setAttribute('aria-busy', String(now));
  button.setAttribute('aria-disabled', String(now));
  word.textContent = now ? T.busy : label;
  showSum();
}

/** The button says what will be paid, and the field shows it grouped once it is left. */
function showSum(): void {
  if (!amount?.isConnected) return;
  const read = readAmount(amount.value);
  const good = 'fen' in read && read.fen > 0;
  byId('sum').textContent = good && !busy ? `¥${grouped(read.fen)}` : '';
  if (good && document.activeElement !== amount) amount.value = grouped(read.fen);
}

function say(message: string): void {
  trouble.textContent = message;
  setBusy(false, message ? T.retry : payWord);
}

/** A box of several lines is as high as its text. */
function grow(): void {
  for (const box of Array.from(form.querySelectorAll('textarea'))) {
    box.style.height = 'auto';
    box.style.height = `${box.scrollHeight}px`;
  }
}

/** The code takes no orders any more: the page is only that sentence. */
function over({ title = '', detail = '' }: Problem): void {
  draft.forget(path);
  form.replaceWith(byId<HTMLTemplateElement>('over').content);
  for (const [part, said] of [
    ['h1', title],
    ['p', detail],
  ] as const) {
    const place = document.querySelector<HTMLElement>(`.say ${part}`);
    if (place) place.textContent = said;
    if (part === 'h1') place?.focus();
  }
}

async function send(): Promise<void> {
  const values = tidied(form);
  const body = new URLSearchParams(values);
  body.append('version', form.version.value);
  body.append('submission', draft.submissionKey(path, typed(form), body.toString(), draft.randomKey));
  const { status, good, problem } = await ask<{ order_url: string }>(path, { method: 'POST', body });
  if (good) {
    location.assign(`${good.order_url}?pay=1`);
  } else if (status === 403 || status === 404 || status === 410) {
    over(problem);
  } else if (status === 422 && problem.errors?.length) {
    say('');
    markAll(form, problem.errors);
  } else {
    say(status < 500 && problem.detail ? problem.detail : T.server);
  }
}

form.noValidate = true;
if (!('again' in form.dataset)) restore(form, draft.values(path));
byId('scan').textContent = T.scanInstead(scanners(ways));
byId('scan').hidden = here.length > 0;
word.textContent = payWord;
showSum();
grow();

form.addEventListener('input', (event) => {
  const { name } = event.target as HTMLInputElement;
  draft.keep(path, typed(form));
  // An error goes away as soon as it is mended, a new one waits until the field is left.
  if (document.getElementById(`e-${name}`) && !check(form, name)) mark(form, name, '');
  showSum();
  grow();
});

form.addEventListener('focusout', (event) => {
  const { name, value } = event.target as HTMLInputElement;
  if (value && names(form).includes(name)) mark(form, name, check(form, name));
  // The focus has left only after this event.
  setTimeout(showSum);
});

form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (busy) return;
  const errors = names(form).map((field) => ({ field, message: check(form, field) }));
  for (const { field, message } of errors) mark(form, field, message);
  trouble.textContent = '';
  const wrong = errors.filter((e) => e.message);
  markAll(form, wrong);
  if (wrong.length) return;
  setBusy(true);
  send().catch(() => say(T.network));
});

// Back from the order by the browser's own memory: the button is free again.
addEventListener('pageshow', (event) => {
  if (event.persisted) say('');
});
