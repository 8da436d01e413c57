// Builds what the server puts inside its pages: one script and one style per page, small enough for the first answer.
import { build } from 'esbuild';

await build({
  entryPoints: ['src/page.ts', 'src/page.css', 'src/order.ts', 'src/order.css', 'src/message.css', 'src/slip.ts'],
  outdir: 'dist',
  bundle: true,
  minify: true,
  format: 'iife',
  charset: 'utf8',
  legalComments: 'none',
  // Old phones' WeChat: anything newer is rewritten or refused.
  target: ['es2019', 'chrome78', 'safari12'],
  // Safari before 14.1 fails only where a destructured name shadows its own initialiser; ours never do.
  supported: { destructuring: true },
  logLevel: 'warning',
});
