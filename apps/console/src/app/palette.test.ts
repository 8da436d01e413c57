import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { dark, light, type Palette } from './palette';

const css = readFileSync(new URL('./tokens.css', import.meta.url), 'utf8');

function tokensOf(selector: string): Record<string, string> {
  const start = css.indexOf(`${selector} {`);
  const block = css.slice(start, css.indexOf('}', start));
  return Object.fromEntries([...block.matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)].map((m) => [m[1], m[2]]));
}

function luminance(hex: string): number {
  const channel = (at: number) => {
    const value = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  return 0.2126 * channel(1) + 0.7152 * channel(3) + 0.0722 * channel(5);
}

function contrast(a: string, b: string): number {
  const [high = 0, low = 0] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high + 0.05) / (low + 0.05);
}

// Every pair of text and ground that the console draws.
const pairs: [keyof Palette, keyof Palette][] = [
  ['ink', 'card'],
  ['ink', 'brand-soft'],
  ['ink-2', 'paper'],
  ['ink-2', 'card'],
  ['ink-3', 'card'],
  ['brand', 'card'],
  ['brand', 'brand-soft'],
  ['on-brand', 'brand'],
  ['received', 'received-soft'],
  ['gold', 'gold-soft'],
  ['danger', 'danger-soft'],
  ['danger', 'card'],
];

describe.each([
  ['light', light, ':root'],
  ['dark', dark, ':root[data-theme="dark"]'],
] as const)('%s palette', (_name, palette, selector) => {
  it('is the one of tokens.css (one design language)', () => {
    expect(tokensOf(selector)).toMatchObject(palette);
  });

  it.each(pairs)('%s on %s meets WCAG AA', (text, ground) => {
    expect(contrast(palette[text], palette[ground])).toBeGreaterThanOrEqual(4.5);
  });
});
