import type { Problem, ProblemFieldError } from '../api/types';
import { type Language, usePreferences } from '../app/preferences';
import { en } from './en';
import { type Text, zh } from './zh';

/** The words of the chosen language. */
export function useText(): Text {
  return usePreferences().language === 'en' ? en : zh;
}

/** The server writes each problem in both languages; this picks one. */
export function problemText(problem: Problem, language: Language): { title: string; detail: string } {
  return language === 'en'
    ? { title: problem.title_en, detail: problem.detail_en }
    : { title: problem.title, detail: problem.detail };
}

/** The same as one line of running text. */
export function problemLine(problem: Problem, language: Language): string {
  const { title, detail } = problemText(problem, language);
  const stop = language === 'en' ? '. ' : '。';
  return /[。.！!]$/.test(title) || !detail ? `${title}${detail}` : `${title}${stop}${detail}`;
}

export function fieldErrorText(error: ProblemFieldError, language: Language): string {
  return language === 'en' ? error.message_en : error.message;
}
