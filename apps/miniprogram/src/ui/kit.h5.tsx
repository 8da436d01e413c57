// The browser's half of the kit: plain HTML elements, so that focus, keyboard, forms and screen readers are the
// browser's own. kit.weapp.tsx is the same with WeChat's components.
import { type ReactNode, useEffect, useRef, useState } from 'react';
import { LONGEST_QUERY } from '../core/search';
import { platform } from '../platform';
import './reset.h5.css';
import type {
  BoxProps,
  DatePickProps,
  DialogProps,
  FieldProps,
  Marks,
  ScreenProps,
  SearchFieldProps,
  TapProps,
} from './types';

const marks = (m: Marks) => ({
  className: m.className,
  'data-testid': m.testid,
  role: m.role,
  'aria-label': m.label,
  'aria-live': m.live,
  'aria-hidden': m.hidden,
});

export function Box({ children, ...m }: BoxProps) {
  return <div {...marks(m)}>{children}</div>;
}

export function Txt({ children, ...m }: BoxProps) {
  return <span {...marks(m)}>{children}</span>;
}

export function Heading({ level, children, ...m }: BoxProps & { level: 1 | 2 }) {
  const Tag = level === 1 ? 'h1' : 'h2';
  return <Tag {...marks(m)}>{children}</Tag>;
}

export function Tap({ children, onTap, disabled, submit, expanded, dataUrl, ...m }: TapProps) {
  return (
    <button
      type={submit ? 'submit' : 'button'}
      disabled={disabled}
      aria-expanded={expanded}
      data-url={dataUrl}
      onClick={submit ? undefined : onTap}
      {...marks({ ...m, className: `tap ${m.className ?? ''}` })}
    >
      {children}
    </button>
  );
}

export function FormBox({ children, onSubmit, ...m }: BoxProps & { onSubmit(): void }) {
  return (
    <form
      noValidate
      onSubmit={(e) => {
        e.preventDefault();
        onSubmit();
      }}
      {...marks(m)}
    >
      {children}
    </form>
  );
}

/** How a browser treats a field: its keyboard, what it fills in by itself (codes too, from the message). */
const INPUTS = {
  mobile: { type: 'tel', complete: 'username', most: 20 },
  password: { type: 'password', complete: 'current-password', most: 128 },
  code: { type: 'text', complete: 'one-time-code', most: 12 },
  amount: { type: 'text', complete: 'off', most: 12 },
  words: { type: 'text', complete: 'off', most: 80 },
} as const;

/** Which keyboard a phone shows. */
const KEYBOARD = {
  mobile: 'numeric',
  password: undefined,
  code: 'numeric',
  amount: 'decimal',
  words: undefined,
} as const;

export function Field({ name, label, kind, shown, value, error, testid, onChange, after }: FieldProps) {
  const { type, complete, most } = INPUTS[kind];
  return (
    <div className="field">
      <label className="field-label" htmlFor={name}>
        {label}
      </label>
      <div className={`field-line ${error ? 'field-bad' : ''}`}>
        <input
          className="field-input"
          id={name}
          name={name}
          data-testid={testid}
          type={shown ? 'text' : type}
          inputMode={KEYBOARD[kind]}
          autoComplete={complete}
          autoCapitalize="off"
          spellCheck={false}
          maxLength={most}
          aria-invalid={error ? true : undefined}
          aria-describedby={error ? `${name}-error` : undefined}
          value={value}
          onChange={(e) => onChange(e.target.value)}
        />
        {after}
      </div>
      {error && (
        <div className="field-error" id={`${name}-error`} role="alert" data-testid={`${testid}-error`}>
          <span className="icon icon-circle-alert" aria-hidden />
          {error}
        </div>
      )}
    </div>
  );
}

export function Picture({ src, label, className }: { src: string; label: string; className?: string }) {
  return <img className={className} src={src} alt={label} draggable={false} />;
}

export function Screen({ title, top = 'bar', tone = 'paper', testid, children }: ScreenProps) {
  return (
    <div className={`screen screen-${tone}`} data-testid={testid}>
      {top === 'bar' && (
        <header className="bar">
          <button type="button" className="tap bar-back" aria-label="返回" onClick={platform.back}>
            <span className="icon icon-chevron-left" aria-hidden />
          </button>
          <h1 className="bar-title">{title}</h1>
        </header>
      )}
      <main className="body">{children}</main>
    </div>
  );
}

/** The browser's own modal: it keeps the focus inside, closes with Escape and hides the rest from screen readers. */
export function Dialog({ title, text, confirm, danger, onConfirm, onCancel }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  useEffect(() => ref.current?.showModal(), []);
  return (
    <dialog
      ref={ref}
      className="dialog"
      aria-labelledby="dialog-title"
      aria-describedby="dialog-text"
      onClose={onCancel}
    >
      <h2 className="dialog-title" id="dialog-title">
        {title}
      </h2>
      <p className="dialog-text" id="dialog-text">
        {text}
      </p>
      <div className="dialog-acts">
        <button type="button" className="tap dialog-act" onClick={onCancel} data-testid="dialog-cancel">
          取消
        </button>
        <button
          type="button"
          className={`tap dialog-act dialog-yes ${danger ? 'dialog-danger' : ''}`}
          onClick={onConfirm}
          data-testid="dialog-confirm"
        >
          {confirm}
        </button>
      </div>
    </dialog>
  );
}

/** Calls when the end of the list comes near. A new `round` looks again: a short list may still be in sight. */
export function ReachEnd({ round, onReach }: { round: number; onReach(): void }) {
  const ref = useRef<HTMLDivElement>(null);
  const reach = useRef(onReach);
  reach.current = onReach;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `round` is the reason to observe anew
  useEffect(() => {
    const element = ref.current;
    if (!element) return;
    const watch = new IntersectionObserver((e) => e[0]?.isIntersecting && reach.current(), { rootMargin: '240px' });
    watch.observe(element);
    return () => watch.disconnect();
  }, [round]);
  return <div ref={ref} />;
}

/** A pair of what and value, read as such by screen readers. */
export function Pairs({ children, className }: { children: ReactNode; className?: string }) {
  return <dl className={className}>{children}</dl>;
}

export function Pair({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className="pair">
      <dt className="pair-name">{name}</dt>
      <dd className="pair-value">{children}</dd>
    </div>
  );
}

export function SearchField({ label, placeholder, value, testid, onChange, onEnter }: SearchFieldProps) {
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  return (
    <form
      className="search-form"
      onSubmit={(e) => {
        e.preventDefault();
        onEnter();
      }}
    >
      <input
        className="search-input"
        data-testid={testid}
        type="search"
        enterKeyHint="search"
        autoComplete="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={LONGEST_QUERY}
        aria-label={label}
        placeholder={placeholder}
        value={text}
        onChange={(e) => {
          setText(e.target.value);
          if (!(e.nativeEvent as InputEvent).isComposing) onChange(e.target.value);
        }}
        onCompositionEnd={(e) => onChange(e.currentTarget.value)}
      />
    </form>
  );
}

/** The browser's own date field, unseen above what is shown: phones open their wheel, others their calendar. */
export function DatePick({ label, value, last, testid, onPick, children }: DatePickProps) {
  return (
    <span className="date-pick">
      <span aria-hidden>{children}</span>
      <input
        className="date-input"
        data-testid={testid}
        type="date"
        aria-label={label}
        min="2020-01-01"
        max={last}
        value={value ?? ''}
        onClick={(e) => {
          try {
            e.currentTarget.showPicker?.();
          } catch {
            // It opens by itself then.
          }
        }}
        onChange={(e) => onPick(e.target.value)}
      />
    </span>
  );
}

export { PullDown } from './pull.h5';
