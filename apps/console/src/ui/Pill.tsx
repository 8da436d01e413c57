import type { ReactNode } from 'react';

/** received: money has come · waiting · danger: needs a person · muted: over. Always with a word. */
export type Tone = 'received' | 'waiting' | 'danger' | 'brand' | 'muted';

export function Pill({ tone, children, testid }: { tone: Tone; children: ReactNode; testid?: string }) {
  return (
    <span className={`pill pill-${tone}`} data-testid={testid}>
      {children}
    </span>
  );
}
