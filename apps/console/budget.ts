import { gzipSync } from 'node:zlib';
import type { Plugin, Rollup } from 'vite';

const LIMIT_BYTES = 450 * 1024;

/** Everything a browser fetches before this chunk runs. */
function closure(bundle: Rollup.OutputBundle, file: string, seen: Set<string>): Set<string> {
  const chunk = bundle[file];
  if (seen.has(file) || chunk?.type !== 'chunk') return seen;
  seen.add(file);
  for (const imported of chunk.imports) closure(bundle, imported, seen);
  return seen;
}

/** Fails the build when the first load (the frame and the page it opens with) grows over its budget. */
export function firstLoadBudget(pages: string[]): Plugin {
  return {
    name: 'first-load-budget',
    apply: 'build',
    generateBundle(_options, bundle) {
      const seen = new Set<string>();
      for (const chunk of Object.values(bundle)) {
        if (chunk.type !== 'chunk') continue;
        if (chunk.isEntry || pages.includes(chunk.name)) closure(bundle, chunk.fileName, seen);
      }
      const styles = Object.values(bundle).filter((asset) => asset.fileName.endsWith('.css'));
      const texts = [...seen].map((file) => (bundle[file] as Rollup.OutputChunk).code);
      for (const style of styles) if (style.type === 'asset') texts.push(String(style.source));
      const bytes = texts.reduce((sum, text) => sum + gzipSync(text).length, 0);
      if (bytes > LIMIT_BYTES) this.error(`First load is ${bytes} bytes compressed; the budget is ${LIMIT_BYTES}.`);
      this.info(`First load: ${Math.round(bytes / 1024)} KiB compressed of ${LIMIT_BYTES / 1024}.`);
    },
  };
}
