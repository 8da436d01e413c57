// The form's rules, mirrored from the server, which checks everything again. Each answers a sentence, or nothing.
import { grouped, narrow, readAmount } from './amount';
import { T } from './text';

export interface TextRule {
  label: string;
  required: boolean;
  max: number;
  rule: string;
}

/** A value as it is sent: digits narrow and unspaced where only digits may stand, no line breaks elsewhere. */
export function tidy(value: string, rule: string): string {
  return rule ? narrow(value).replace(/[\s-]/g, '') : value.trim().replace(/\s*\n\s*/g, ' ');
}

export function checkAmount(typed: string, min: number, max: number): string {
  const read = readAmount(typed);
  if ('wrong' in read) {
    if (read.wrong === 'empty') return T.amountEmpty;
    if (read.wrong === 'precise') return T.amountTooPrecise;
    return read.wrong === 'large' ? T.amountTooLarge(grouped(max)) : T.amountNotANumber;
  }
  if (read.fen < min) return T.amountTooSmall(grouped(min));
  return read.fen > max ? T.amountTooLarge(grouped(max)) : '';
}

export function checkText(typed: string, { label, required, max, rule }: TextRule): string {
  const value = tidy(typed, rule);
  if (value === '') return required ? T.required(label) : '';
  // Characters as the server counts them, not UTF-16 units: 𠮷 is one.
  const has = Array.from(value).length;
  if (rule === 'mobile') return /^1\d{10}$/.test(value) ? '' : T.mobile(label);
  if (rule === 'digits' && !/^\d+$/.test(value)) return T.digits(label);
  return has > max ? T.tooLong(max, has) : '';
}

export function checkChoice(chosen: number, label: string, required: boolean): string {
  return required && chosen === 0 ? T.choose(label) : '';
}
