import type { FieldDefinition, FormDefinition, TextRule } from '../api/types';
import { fenToInput, parseYuan } from '../ui/money';

// The form being edited, as typed: amounts, lengths and options stay text until they are saved,
// so that nothing half-typed is lost or changed under a person's hands.

export interface EditorAmount {
  label: string;
  mode: 'typed' | 'fixed';
  fixed: string;
  min: string;
  max: string;
}

export interface EditorField {
  key: string;
  kind: 'text' | 'choice';
  label: string;
  required: boolean;
  help: string;
  maxLength: string;
  rule: TextRule;
  options: string;
  multiple: boolean;
}

export interface EditorForm {
  amount: EditorAmount;
  fields: EditorField[];
}

export const MAX_FIELDS = 30;
const DEFAULT_MAX_LENGTH = '50';
const MIN_FEN = 1;
const MAX_FEN = 5_000_000;

export type EditorAction =
  | { type: 'load'; form: EditorForm }
  | { type: 'amount'; patch: Partial<EditorAmount> }
  | { type: 'field'; key: string; patch: Partial<EditorField> }
  | { type: 'add' }
  | { type: 'insert'; at: number; field: EditorField }
  | { type: 'remove'; key: string }
  | { type: 'move'; key: string; by: -1 | 1 };

export function edit(form: EditorForm, action: EditorAction): EditorForm {
  switch (action.type) {
    case 'load':
      return action.form;
    case 'amount':
      return { ...form, amount: { ...form.amount, ...action.patch } };
    case 'field': {
      const fields = form.fields.map((field) => (field.key === action.key ? { ...field, ...action.patch } : field));
      return { ...form, fields };
    }
    case 'add':
      return form.fields.length >= MAX_FIELDS ? form : { ...form, fields: [...form.fields, newField(form.fields)] };
    case 'insert':
      return { ...form, fields: inserted(form.fields, action.at, action.field) };
    case 'remove':
      return { ...form, fields: form.fields.filter((field) => field.key !== action.key) };
    case 'move':
      return { ...form, fields: moved(form.fields, action.key, action.by) };
  }
}

function moved(fields: EditorField[], key: string, by: -1 | 1): EditorField[] {
  const from = fields.findIndex((field) => field.key === key);
  const field = fields[from];
  const to = from + by;
  if (!field || to < 0 || to >= fields.length) return fields;
  return inserted(
    fields.filter((other) => other !== field),
    to,
    field,
  );
}

function inserted(fields: EditorField[], at: number, field: EditorField): EditorField[] {
  return [...fields.slice(0, at), field, ...fields.slice(at)];
}

function newField(fields: EditorField[]): EditorField {
  return {
    key: nextKey(fields),
    kind: 'text',
    label: '',
    required: true,
    help: '',
    maxLength: DEFAULT_MAX_LENGTH,
    rule: 'none',
    options: '',
    multiple: false,
  };
}

/** Keys are for machines: "f7", above every one in use, so that a removed field's key is not taken over at once. */
function nextKey(fields: EditorField[]): string {
  const numbers = fields.map((field) => Number(/^f(\d{1,6})$/.exec(field.key)?.[1] ?? 0));
  return `f${Math.max(0, ...numbers) + 1}`;
}

export function toEditor(definition: FormDefinition): EditorForm {
  const { amount } = definition;
  return {
    amount: {
      label: amount.label,
      mode: amount.mode,
      fixed: amount.fixed_fen === null ? '' : fenToInput(amount.fixed_fen),
      min: fenToInput(amount.min_fen),
      max: fenToInput(amount.max_fen),
    },
    fields: definition.fields.map((field) => ({
      key: field.key,
      kind: field.kind,
      label: field.label,
      required: field.required,
      help: field.help,
      maxLength: field.kind === 'text' ? String(field.max_length) : DEFAULT_MAX_LENGTH,
      rule: field.kind === 'text' ? field.rule : 'none',
      options: field.kind === 'choice' ? field.options.join('\n') : '',
      multiple: field.kind === 'choice' && field.multiple,
    })),
  };
}

/** What is sent. Call it on a form without errors. The bounds, hidden while the amount is fixed, stretch to hold it. */
export function toDefinition(form: EditorForm): FormDefinition {
  const { amount } = form;
  const fixed = amount.mode === 'fixed' ? parseYuan(amount.fixed) : null;
  const min = parseYuan(amount.min) ?? MIN_FEN;
  const max = parseYuan(amount.max) ?? MAX_FEN;
  return {
    amount: {
      label: amount.label.trim(),
      mode: amount.mode,
      fixed_fen: fixed,
      min_fen: Math.min(min, fixed ?? min),
      max_fen: Math.max(max, fixed ?? max),
    },
    fields: form.fields.map(toField),
  };
}

function toField(field: EditorField): FieldDefinition {
  const common = { key: field.key, label: field.label.trim(), required: field.required, help: field.help.trim() };
  return field.kind === 'text'
    ? { ...common, kind: 'text', max_length: Number(field.maxLength), rule: field.rule }
    : { ...common, kind: 'choice', options: optionsOf(field.options), multiple: field.multiple };
}

/** One option a line; empty lines are nothing. */
export function optionsOf(text: string): string[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

export function isSame(a: EditorForm, b: EditorForm): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}
