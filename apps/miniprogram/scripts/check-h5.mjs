// The browser build's budget: what the first screen loads, compressed, is at most 160 KB.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const LIMIT = 160 * 1024;
const dist = new URL('../dist/h5/', import.meta.url);
const index = new URL('index.html', dist);
if (!existsSync(index)) throw new Error('dist/h5 is not built: npm run build:h5');

const html = readFileSync(index, 'utf8');
const assets = [...html.matchAll(/(?:src|href)="?\/m\/([^"\s>]+)/g)].map((m) => m[1]);
const sizes = assets.map((path) => [path, gzipSync(readFileSync(new URL(path, dist))).length]);
// The first page is one more script and one more sheet; whichever it is, the largest of each stands for it.
for (const kind of ['js', 'css']) {
  const lazy = readdirSync(new URL(`${kind}/`, dist)).filter(
    (f) => f.endsWith(kind) && !assets.includes(`${kind}/${f}`),
  );
  const packed = lazy.map((f) => [`${kind}/${f}`, gzipSync(readFileSync(new URL(`${kind}/${f}`, dist))).length]);
  const largest = packed.sort((x, y) => y[1] - x[1])[0];
  if (largest) sizes.push(largest);
}
const total = sizes.reduce((sum, [, bytes]) => sum + bytes, gzipSync(html).length);
if (assets.length < 2) throw new Error(`index.html names no assets under /m/: ${html.slice(0, 200)}`);
process.stdout.write(`h5 first screen: ${(total / 1024).toFixed(1)} KB gzip of ${LIMIT / 1024} KB\n`);
if (total > LIMIT) {
  for (const [path, bytes] of sizes) process.stdout.write(`  ${path} ${(bytes / 1024).toFixed(1)} KB\n`);
  process.exit(1);
}
