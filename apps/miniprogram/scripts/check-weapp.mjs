// The WeChat build is what ships: its main package stays small, and everything that app.json promises is there.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const LIMIT = 1024 * 1024;
const dist = fileURLToPath(new URL('../dist/weapp', import.meta.url));
const faults = [];
const need = (ok, words) => ok || faults.push(words);

if (!existsSync(join(dist, 'app.json'))) {
  process.stderr.write('dist/weapp is not built: npm run build:weapp\n');
  process.exit(1);
}

const app = JSON.parse(readFileSync(join(dist, 'app.json'), 'utf8'));
const roots = (app.subPackages ?? app.subpackages ?? []).map((p) => p.root);
const files = readdirSync(dist, { recursive: true }).filter((f) => statSync(join(dist, f)).isFile());
const main = files.filter((f) => !roots.some((root) => f.startsWith(root)));
const size = main.reduce((sum, f) => sum + statSync(join(dist, f)).size, 0);
need(size <= LIMIT, `main package has ${size} bytes, at most ${LIMIT} are allowed`);

need(app.pages?.length > 0, 'app.json names no pages');
for (const page of app.pages ?? []) {
  for (const ext of ['js', 'json', 'wxml', 'wxss']) {
    need(existsSync(join(dist, `${page}.${ext}`)), `${page}.${ext} is missing`);
  }
}
need(app.darkmode === true && existsSync(join(dist, app.themeLocation ?? 'none')), 'dark mode has no theme file');
need(existsSync(join(dist, app.sitemapLocation ?? 'none')), 'the sitemap is missing');
need(app.__usePrivacyCheck__ === true, 'the privacy check is not declared');

const text = (f) => readFileSync(join(dist, f), 'utf8');
need(!('animation' in app), 'app.json has a key that only the browser build knows');
need(/aria-label=/.test(text('base.wxml')), 'base.wxml lost the aria attributes (config/aria.js)');
for (const f of main.filter((f) => f.endsWith('.js'))) {
  need(!/\b(localStorage|document\.createElement\("textarea)/.test(text(f)), `${f} carries browser code`);
}
for (const f of main.filter((f) => f.endsWith('.wxss'))) {
  need(!/\drem\b/.test(text(f)), `${f} has a rem that does not follow WeChat's font size`);
  need(!/:where\(/.test(text(f)), `${f} carries the browser's reset`);
}

process.stdout.write(
  `weapp main package: ${(size / 1024).toFixed(0)} KB raw of ${LIMIT / 1024} KB, ${app.pages.length} pages\n`,
);
for (const fault of faults) process.stderr.write(`  ${fault}\n`);
process.exit(faults.length ? 1 : 0);
