import type { ReactNode } from 'react';

/** received: money has come, and nothing else is green · waiting · danger: needs a person · muted. Always with a word. */
export type Tone = 'received' | 'waiting' | 'danger' | 'muted';

export function Pill({ tone, children, testid }: { tone: Tone; children: ReactNode; testid?: string }) {
  return (
    <span className={`pill pill-${tone}`} data-testid={testid}>
      {children}
    </span>
  );
}
