import qrcode from 'qrcode-generator';
import { pngDataUrl } from './png';

/** The light border that the standard asks for, in modules. */
const QUIET = 4;
/** Enough that no phone's screen has to blow the picture up. */
const CELL_PX = 12;

/**
 * A QR code as a data URL: the one form that WeChat's <image> and a browser's <img> both take without a canvas.
 * Level M survives a scratched screen; black on white with the full quiet zone in every mode, since some scanners do
 * not read light on dark.
 */
export function qrDataUrl(text: string): string {
  const code = qrcode(0, 'M');
  code.addData(text, 'Byte');
  code.make();
  const count = code.getModuleCount();
  const inside = (n: number) => n >= QUIET && n < QUIET + count;
  return pngDataUrl(count + 2 * QUIET, CELL_PX, (x, y) => inside(x) && inside(y) && code.isDark(y - QUIET, x - QUIET));
}
