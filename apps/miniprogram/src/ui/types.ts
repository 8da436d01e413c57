import type { ReactNode } from 'react';

/** Marks that both platforms understand: where a test finds it, what a screen reader says. */
export interface Marks {
  className?: string;
  testid?: string;
  role?: string;
  label?: string;
  live?: 'polite' | 'assertive';
  hidden?: boolean;
}

export interface BoxProps extends Marks {
  children?: ReactNode;
}

export interface TapProps extends Marks {
  onTap(): void;
  disabled?: boolean;
  /** Sends the form it stands in (pressing Enter does the same in a browser). */
  submit?: boolean;
  expanded?: boolean;
  /** A value for the end-to-end test, as data-url. */
  dataUrl?: string;
  children?: ReactNode;
}

export interface FieldProps {
  name: string;
  label: string;
  kind: 'mobile' | 'password' | 'code' | 'amount' | 'words';
  /** A password in clear, while its owner wants to see it. */
  shown?: boolean;
  value: string;
  /** What is wrong with it, said under it. */
  error?: string | null;
  testid?: string;
  onChange(value: string): void;
  onEnter(): void;
  /** Stands at the end of the field (show / hide). */
  after?: ReactNode;
}

export interface ScreenProps {
  title: string;
  /** Home has nothing behind it and draws its own top. */
  top?: 'bar' | 'none';
  tone?: 'paper' | 'code';
  testid?: string;
  children: ReactNode;
}

export interface DialogProps {
  title: string;
  text: string;
  confirm: string;
  danger?: boolean;
  onConfirm(): void;
  onCancel(): void;
}

export interface SearchFieldProps {
  label: string;
  placeholder: string;
  /** What it holds when it is put there or cleared from outside; while one types it holds what is typed. */
  value: string;
  testid?: string;
  /** Never called with half a syllable of an input method. */
  onChange(value: string): void;
  onEnter(): void;
}

export interface DatePickProps {
  label: string;
  /** 2026-11-23, or null while nothing is chosen. */
  value: string | null;
  /** The last day that may be chosen. */
  last: string;
  testid?: string;
  /** Empty where the browser's own calendar cleared it. */
  onPick(day: string): void;
  /** What is shown to press. */
  children: ReactNode;
}
