// The form on the page: its fields, what is typed, what is wrong, each error under its field.
import { readAmount, yuan } from './amount';
import { byId, make } from './dom';
import type { Values } from './draft';
import { checkAmount, checkChoice, checkText, tidy } from './rules';
import { T } from './text';

type Control = HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement;

/** The names of everything the payer fills in, in the order of the page. */
export function names(form: HTMLFormElement): string[] {
  const found = controls(form).map((c) => c.name);
  return found.filter((name, at) => found.indexOf(name) === at);
}

function controls(form: HTMLFormElement, name?: string): Control[] {
  const all = Array.from(form.querySelectorAll<Control>('input:not([type=hidden]),textarea,select'));
  return name ? all.filter((c) => c.name === name) : all;
}

const isOption = (c: Control): c is HTMLInputElement => c.type === 'radio' || c.type === 'checkbox';

/** Everything as typed, for keeping. */
export function typed(form: HTMLFormElement): Values {
  return controls(form)
    .filter((c) => !isOption(c) || c.checked)
    .map((c) => [c.name, c.value]);
}

/** Everything as it is sent. */
export function tidied(form: HTMLFormElement): Values {
  return controls(form)
    .filter((c) => !isOption(c) || c.checked)
    .map((c) => {
      if (c.name !== 'amount') return [c.name, isOption(c) ? c.value : tidy(c.value, c.dataset.rule ?? '')];
      const read = readAmount(c.value);
      return [c.name, 'fen' in read ? yuan(read.fen) : c.value];
    });
}

/** Puts kept values back. */
export function restore(form: HTMLFormElement, kept: Values): void {
  for (const c of controls(form)) {
    const mine = kept.filter(([name]) => name === c.name).map(([, value]) => value);
    if (isOption(c)) c.checked = mine.includes(c.value);
    else if (mine[0] !== undefined) c.value = mine[0];
  }
}

function labelOf(form: HTMLFormElement, name: string): string {
  const label = form.querySelector(`label[for="${name}"],#${name}>legend`);
  return label?.firstChild?.textContent?.trim() ?? '';
}

/** What is wrong with one field, or nothing. */
export function check(form: HTMLFormElement, name: string): string {
  const mine = controls(form, name);
  const [c] = mine;
  if (!c) return '';
  const label = labelOf(form, name);
  const { min, max, rule } = c.dataset;
  if (name === 'amount') return checkAmount(c.value, Number(min), Number(max));
  if (isOption(c)) {
    const chosen = mine.filter((o) => isOption(o) && o.checked).length;
    return checkChoice(chosen, label, 'required' in byId(name).dataset);
  }
  if (c.tagName === 'SELECT') return checkChoice(c.value ? 1 : 0, label, c.required);
  return checkText(c.value, { label, required: c.required, max: Number(max), rule: rule ?? '' });
}

/** Shows (or with no message removes) the error under a field. Answers whether the field is on the page. */
export function mark(form: HTMLFormElement, name: string, message: string): boolean {
  const field = controls(form, name)[0] ? document.getElementById(name) : null;
  if (!field) return false;
  const id = `e-${name}`;
  const about = (field.getAttribute('aria-describedby') ?? '').split(' ').filter((part) => part && part !== id);
  document.getElementById(id)?.remove();
  if (message) {
    about.push(id);
    const place = field.tagName === 'FIELDSET' ? field : (field.closest('.money') ?? field).parentElement;
    place?.append(make('p', message, { class: 'e', id, 'data-testid': `error-${name}` }));
  }
  for (const c of controls(form, name)) {
    if (message) c.setAttribute('aria-invalid', 'true');
    else c.removeAttribute('aria-invalid');
  }
  if (about.length) field.setAttribute('aria-describedby', about.join(' '));
  else field.removeAttribute('aria-describedby');
  return true;
}

/** Shows all errors, says how many there are, and goes to the first. */
export function markAll(form: HTMLFormElement, errors: { field: string; message: string }[]): void {
  const loose = errors.filter((e) => !mark(form, e.field, e.message)).map((e) => e.message);
  const placed = errors.length - loose.length;
  const lines = placed ? [...loose, T.summary(placed)] : loose;
  const summary = byId('summary');
  summary.textContent = '';
  if (!lines.length) return;
  const note = make('div', '', { class: 'note red' });
  note.append(...lines.map((line) => make('p', line)));
  summary.append(note);
  const first = names(form).find((name) => errors.some((e) => e.field === name));
  if (first) controls(form, first)[0]?.focus();
  else summary.scrollIntoView();
}
