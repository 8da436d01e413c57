import { beforeEach, describe, expect, it, vi } from 'vitest';
import * as draft from '../src/draft';

const path = '/pay/cTEST';
let kept: Map<string, string>;

beforeEach(() => {
  kept = new Map();
  vi.stubGlobal('sessionStorage', {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem: (key: string, value: string) => kept.set(key, value),
    removeItem: (key: string) => kept.delete(key),
  });
});

const counter = () => {
  let made = 0;
  return () => `key-${++made}`;
};

describe('pressing twice never makes two payments (PRODUCT 4)', () => {
  it('keeps the key of the same content, also over a reload', () => {
    const fresh = counter();
    const key = () => draft.submissionKey(path, [['amount', '12']], 'amount=12', fresh);
    expect([key(), key()]).toEqual(['key-1', 'key-1']);
    draft.keep(path, [['amount', '12']]);
    expect(key()).toBe('key-1');
  });

  it('makes another order of another content', () => {
    const fresh = counter();
    draft.submissionKey(path, [], 'amount=12', fresh);
    expect(draft.submissionKey(path, [], 'amount=13', fresh)).toBe('key-2');
  });

  it('starts anew once the order is paid, and with the same words once it is closed', () => {
    const fresh = counter();
    const values: draft.Values = [['amount', '12']];
    draft.submissionKey(path, values, 'amount=12', fresh);
    draft.spend(path);
    expect(draft.values(path)).toEqual(values);
    expect(draft.submissionKey(path, values, 'amount=12', fresh)).toBe('key-2');
    draft.forget(path);
    expect(draft.values(path)).toEqual([]);
  });
});

it('loses nothing typed over a reload, one code apart from another', () => {
  draft.keep(path, [['f_student', '李晓明']]);
  expect(draft.values(path)).toEqual([['f_student', '李晓明']]);
  expect(draft.values('/pay/cOTHER')).toEqual([]);
});

it('works without storage, and with something else in it', () => {
  kept.set(`mott:${path}`, '{"values":7}');
  expect(draft.values(path)).toEqual([]);
  vi.stubGlobal('sessionStorage', undefined);
  draft.keep(path, []);
  expect(draft.submissionKey(path, [], 'a', () => 'k')).toBe('k');
});

it('makes keys of 128 random bits', () => {
  expect(draft.randomKey()).toMatch(/^[0-9a-f]{32}$/);
  expect(draft.randomKey()).not.toBe(draft.randomKey());
});

it('finds a mark once, after a walk through somebody else’s page', () => {
  expect(draft.found('h5:/pay/oTEST')).toBe(false);
  draft.leave('h5:/pay/oTEST');
  expect([draft.found('h5:/pay/oTEST'), draft.found('h5:/pay/oTEST')]).toEqual([true, false]);
});
