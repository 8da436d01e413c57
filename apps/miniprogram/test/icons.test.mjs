import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { iconsCss } from '../scripts/icons.mjs';

it('icons.css is what scripts/icons.mjs makes of the kept set', () => {
  expect(readFileSync(new URL('../src/ui/icons.css', import.meta.url), 'utf8')).toBe(iconsCss());
});
