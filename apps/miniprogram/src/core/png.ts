const BASE64 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/';
const STORED_MAX = 65_535;

/**
 * A square black-and-white picture as a PNG data URL: one bit a pixel, not compressed, so that a phone without a JIT
 * (iOS runs a mini program's script in one) makes it in no time. `dark` answers for a cell, `scale` is its side in px.
 */
export function pngDataUrl(cells: number, scale: number, dark: (x: number, y: number) => boolean): string {
  const side = cells * scale;
  const stride = 1 + Math.ceil(side / 8);
  const raw = new Uint8Array(stride * side);
  for (let y = 0; y < cells; y++) {
    const first = y * scale * stride;
    // Byte 0 of a row is its filter: none. A set bit is white.
    for (let x = 0; x < side; x++) {
      if (dark(Math.floor(x / scale), y)) continue;
      const at = first + 1 + (x >> 3);
      raw[at] = (raw[at] ?? 0) | (0x80 >> (x & 7));
    }
    for (let i = 1; i < scale; i++) raw.copyWithin(first + i * stride, first, first + stride);
  }
  const header = [...u32(side), ...u32(side), 1, 0, 0, 0, 0];
  const bytes = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
  for (const part of [chunk('IHDR', header), chunk('IDAT', zlibStored(raw)), chunk('IEND', [])]) {
    for (const byte of part) bytes.push(byte);
  }
  return `data:image/png;base64,${base64(bytes)}`;
}

function u32(n: number): number[] {
  return [(n >>> 24) & 255, (n >>> 16) & 255, (n >>> 8) & 255, n & 255];
}

function chunk(type: string, body: ArrayLike<number>): number[] {
  const typed = Array.from(type, (c) => c.charCodeAt(0)).concat(Array.from(body));
  return [...u32(body.length), ...typed, ...u32(crc32(typed))];
}

function zlibStored(raw: Uint8Array): number[] {
  const out = [0x78, 0x01];
  for (let from = 0; from < raw.length; from += STORED_MAX) {
    const block = raw.subarray(from, from + STORED_MAX);
    const last = from + STORED_MAX >= raw.length ? 1 : 0;
    const n = block.length;
    out.push(last, n & 255, n >> 8, ~n & 255, (~n >> 8) & 255);
    for (const byte of block) out.push(byte);
  }
  let a = 1;
  let b = 0;
  for (const byte of raw) {
    a = (a + byte) % 65_521;
    b = (b + a) % 65_521;
  }
  return out.concat(u32(b * 65_536 + a));
}

function crc32(bytes: number[]): number {
  let crc = 0xffffffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0);
  }
  return ~crc >>> 0;
}

/** WeChat's script has no btoa. */
function base64(bytes: number[]): string {
  const parts: string[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const n = ((bytes[i] ?? 0) << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    parts.push(BASE64.charAt(n >> 18), BASE64.charAt((n >> 12) & 63));
    parts.push(left > 1 ? BASE64.charAt((n >> 6) & 63) : '=', left > 2 ? BASE64.charAt(n & 63) : '=');
  }
  return parts.join('');
}
