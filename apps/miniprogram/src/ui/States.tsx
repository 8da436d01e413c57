import type { ReactNode } from 'react';
import { Icon } from './Icon';
import { Box, Tap } from './kit';

/** Grey blocks in the shape of what is coming; one quiet word for screen readers. */
export function Skeleton({ rows }: { rows: number }) {
  return (
    <Box role="status" label="正在加载" className="skeleton" testid="loading">
      {Array.from({ length: rows }, (_, i) => `row-${i}`).map((key) => (
        <Box key={key} className="skeleton-row" />
      ))}
    </Box>
  );
}

export function Failed({ text, onRetry }: { text: string; onRetry(): void }) {
  return (
    <Box className="state" role="alert" testid="failed">
      <Icon name="circle-alert" className="state-icon state-bad" />
      <Box className="state-text">{text}</Box>
      <Tap className="pill pill-plain" onTap={onRetry} testid="retry">
        重试
      </Tap>
    </Box>
  );
}

export function Empty({ title, text, children }: { title: string; text: string; children?: ReactNode }) {
  return (
    <Box className="state" testid="empty">
      <Icon name="inbox" className="state-icon" />
      <Box className="state-title">{title}</Box>
      <Box className="state-text">{text}</Box>
      {children}
    </Box>
  );
}
