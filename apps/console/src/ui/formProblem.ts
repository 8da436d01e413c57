import type { FormInstance } from 'antd';
import { problemOf } from '../api/problem';
import type { Language } from '../app/preferences';
import { fieldErrorText, problemLine } from '../i18n';

/** Puts the server's field errors under their fields; whatever has no field here is said by `say`. */
export function showProblem<Values extends object>(
  form: FormInstance<Values>,
  error: unknown,
  language: Language,
  fields: string[],
  say: (text: string) => void,
): void {
  const problem = problemOf(error);
  const errors = problem.errors ?? [];
  const known = errors.filter((one) => fields.includes(one.field));
  const first = known[0];
  if (first) {
    const byField = known.map((one) => ({ name: [one.field], errors: [fieldErrorText(one, language)] }));
    form.setFields(byField as Parameters<typeof form.setFields>[0]);
    form.getFieldInstance([first.field] as never)?.focus?.();
  }
  const rest = errors.filter((one) => !fields.includes(one.field)).map((one) => fieldErrorText(one, language));
  if (rest.length > 0) say(rest.join(' '));
  else if (!first) say(problemLine(problem, language));
}
