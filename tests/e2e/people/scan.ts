// Reads a code on a screen as a phone's camera does: from the picture.
import type { Locator } from '@playwright/test';
import jsQR from 'jsqr';
import { PNG } from 'pngjs';

/** The text of the code that `shown` displays. */
export async function scan(shown: Locator): Promise<string> {
  const { data, width, height } = PNG.sync.read(await shown.screenshot());
  const read = (jsQR as unknown as { default?: typeof jsQR }).default ?? jsQR;
  const found = read(new Uint8ClampedArray(data), width, height);
  if (!found) throw new Error('no code can be read from the picture');
  return found.data;
}
