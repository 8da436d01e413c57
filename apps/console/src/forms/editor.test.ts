import { describe, expect, it } from 'vitest';
import type { FormDefinition } from '../api/types';
import { edit, isSame, toDefinition, toEditor } from './editor';
import { controlOf, validate } from './validate';

const definition: FormDefinition = {
  amount: { label: '付款金额', mode: 'typed', fixed_fen: null, min_fen: 1, max_fen: 5000000 },
  fields: [
    { key: 'student', kind: 'text', label: '学生姓名', required: true, help: '', max_length: 50, rule: 'none' },
    {
      key: 'item',
      kind: 'choice',
      label: '缴费项目',
      required: true,
      help: '',
      options: ['学费', '住宿费'],
      multiple: false,
    },
  ],
};
const form = toEditor(definition);
const keys = (f: typeof form) => f.fields.map((field) => field.key);

describe('the editor changes only what was changed', () => {
  it('gives back the definition it was given', () => {
    expect(toDefinition(form)).toEqual(definition);
  });

  it('adds fields under fresh keys that fit [a-z][a-z0-9_]*', () => {
    const twice = edit(edit(form, { type: 'add' }), { type: 'add' });
    expect(keys(twice)).toEqual(['student', 'item', 'f1', 'f2']);
  });

  it('stops at 30 fields', () => {
    let full = form;
    for (let i = 0; i < 40; i += 1) full = edit(full, { type: 'add' });
    expect(full.fields).toHaveLength(30);
  });

  it('moves within the list and no further', () => {
    const down = edit(form, { type: 'move', key: 'student', by: 1 });
    expect(keys(down)).toEqual(['item', 'student']);
    expect(keys(edit(down, { type: 'move', key: 'student', by: 1 }))).toEqual(['item', 'student']);
  });

  it('puts a removed field back where it was', () => {
    const removed = edit(form, { type: 'remove', key: 'student' });
    const field = form.fields[0];
    if (!field) throw new Error('no field');
    expect(isSame(edit(removed, { type: 'insert', at: 0, field }), form)).toBe(true);
  });

  it('saves a fixed amount as integer fen (PRODUCT 6.9)', () => {
    const fixed = edit(form, { type: 'amount', patch: { mode: 'fixed', fixed: '1,280.1' } });
    expect(toDefinition(fixed).amount).toMatchObject({ mode: 'fixed', fixed_fen: 128010 });
  });

  it('stretches hidden bounds to hold a fixed amount', () => {
    const fixed = edit(form, { type: 'amount', patch: { mode: 'fixed', fixed: '60000' } });
    expect(toDefinition(fixed).amount).toMatchObject({ fixed_fen: 6000000, min_fen: 1, max_fen: 6000000 });
  });

  it('keeps what was typed when a field changes its kind and back', () => {
    const choice = edit(form, { type: 'field', key: 'item', patch: { kind: 'text' } });
    expect(isSame(edit(choice, { type: 'field', key: 'item', patch: { kind: 'choice' } }), form)).toBe(true);
  });
});

describe('the editor says before saving what the server would refuse', () => {
  it('finds nothing in a good form', () => {
    expect(validate(form)).toEqual({});
  });

  it.each([
    [{ label: ' ' }, 'student.label', 'labelNeeded'],
    [{ label: '名'.repeat(21) }, 'student.label', 'labelLong'],
    [{ label: '缴费项目' }, 'student.label', 'labelTwice'],
    [{ maxLength: '0' }, 'student.maxLength', 'lengthBad'],
    [{ kind: 'choice', options: '\n' }, 'student.options', 'optionsNeeded'],
    [{ kind: 'choice', options: '甲\n甲' }, 'student.options', 'optionTwice'],
    [{ kind: 'choice', options: '长'.repeat(41) }, 'student.options', 'optionLong'],
  ] as const)('%j', (patch, path, error) => {
    expect(validate(edit(form, { type: 'field', key: 'student', patch }))[path]).toBe(error);
  });

  it.each([
    [{ min: '1.234' }, 'amount.min', 'amountBad'],
    [{ min: '0' }, 'amount.min', 'amountSmall'],
    [{ max: '1000000.01' }, 'amount.max', 'amountLarge'],
    [{ min: '10', max: '9.99' }, 'amount.max', 'amountOrder'],
    [{ mode: 'fixed', fixed: '' }, 'amount.fixed', 'amountBad'],
  ] as const)('%j', (patch, path, error) => {
    expect(validate(edit(form, { type: 'amount', patch }))[path]).toBe(error);
  });
});

describe('the server’s field errors stand under their controls', () => {
  it.each([
    ['definition.fields[1].options', 'item.options'],
    ['fields.0.max_length', 'student.maxLength'],
    ['fields.item.label', 'item.label'],
    ['amount.min_fen', 'amount.min'],
    ['fields', null],
    ['fields.1.options.0', 'item.options'],
    ['something', null],
  ])('%s', (field, control) => {
    expect(controlOf({ field, code: '', message: '', message_en: '' }, form)).toBe(control);
  });
});
