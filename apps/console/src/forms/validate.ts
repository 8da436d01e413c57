import type { ProblemFieldError } from '../api/types';
import type { Text } from '../i18n/zh';
import { parseYuan } from '../ui/money';
import { type EditorField, type EditorForm, optionsOf } from './editor';

/** Which word of `forms.errors` stands under which control: "amount.min", "f7.label". */
export type ErrorKey = keyof Text['forms']['errors'];
export type EditorErrors = Record<string, ErrorKey>;

const AMOUNT_MAX_FEN = 100_000_000;
const LABEL_MAX = 20;
const HELP_MAX = 100;
const LENGTH_MAX = 500;
const OPTIONS_MAX = 50;
const OPTION_MAX = 40;

const length = (text: string) => [...text].length;

/** The same rules as the server's, said before asking it. */
export function validate(form: EditorForm): EditorErrors {
  const errors: EditorErrors = {};
  const note = (path: string, error: ErrorKey | null) => {
    if (error) errors[path] = error;
  };
  note('amount.label', labelError(form.amount.label, []));
  if (form.amount.mode === 'fixed') note('amount.fixed', amountError(form.amount.fixed));
  else {
    const min = amountError(form.amount.min);
    const max = amountError(form.amount.max);
    note('amount.min', min);
    note('amount.max', max ?? (!min && isLess(form.amount.max, form.amount.min) ? 'amountOrder' : null));
  }
  for (const field of form.fields) {
    const others = form.fields.filter((other) => other !== field).map((other) => other.label.trim());
    note(`${field.key}.label`, labelError(field.label, others));
    note(`${field.key}.help`, length(field.help.trim()) > HELP_MAX ? 'helpLong' : null);
    if (field.kind === 'text') note(`${field.key}.maxLength`, lengthError(field.maxLength));
    else note(`${field.key}.options`, optionsError(field));
  }
  return errors;
}

function labelError(label: string, others: string[]): ErrorKey | null {
  const text = label.trim();
  if (!text) return 'labelNeeded';
  if (length(text) > LABEL_MAX) return 'labelLong';
  return others.includes(text) ? 'labelTwice' : null;
}

function amountError(text: string): ErrorKey | null {
  const fen = parseYuan(text);
  if (fen === null) return 'amountBad';
  if (fen < 1) return 'amountSmall';
  return fen > AMOUNT_MAX_FEN ? 'amountLarge' : null;
}

function isLess(a: string, b: string): boolean {
  return (parseYuan(a) ?? 0) < (parseYuan(b) ?? 0);
}

function lengthError(text: string): ErrorKey | null {
  const good = /^\d{1,3}$/.test(text) && Number(text) >= 1 && Number(text) <= LENGTH_MAX;
  return good ? null : 'lengthBad';
}

function optionsError(field: EditorField): ErrorKey | null {
  const options = optionsOf(field.options);
  if (options.length === 0) return 'optionsNeeded';
  if (options.length > OPTIONS_MAX) return 'optionsMany';
  if (options.some((option) => length(option) > OPTION_MAX)) return 'optionLong';
  return new Set(options).size < options.length ? 'optionTwice' : null;
}

const SERVER_NAMES: Record<string, string> = {
  fixed_fen: 'fixed',
  min_fen: 'min',
  max_fen: 'max',
  max_length: 'maxLength',
};

/** "definition.fields[2].max_length" or "fields.2.label" → "f7.maxLength"; null when it names no control here. */
export function controlOf(error: ProblemFieldError, form: EditorForm): string | null {
  const path = error.field.replace(/^definition\./, '').replace(/\[(\d+)\]/g, '.$1');
  const [room, second = '', third = 'label'] = path.split('.');
  const rename = (name: string) => SERVER_NAMES[name] ?? name;
  if (room === 'amount') return `amount.${rename(second || 'label')}`;
  if (room !== 'fields') return null;
  const field =
    (second === '' ? undefined : form.fields[Number(second)]) ?? form.fields.find(({ key }) => key === second);
  return field ? `${field.key}.${rename(third)}` : null;
}
