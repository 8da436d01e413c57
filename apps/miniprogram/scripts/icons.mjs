// Writes src/ui/icons.css from the kept icon set (Lucide, ISC). Icons are CSS masks: they take the text's colour
// in both modes and need no file in the WeChat package. Run `npm run icons` after changing the list.
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';

const ICONS = [
  'calendar-days',
  'check',
  'chevron-down',
  'chevron-left',
  'chevron-right',
  'chevron-up',
  'circle-alert',
  'circle-check',
  'copy',
  'eye',
  'eye-off',
  'inbox',
  'log-out',
  'qr-code',
  'receipt-text',
  'refresh-cw',
  'search',
  'settings',
  'shield-alert',
  'undo-2',
  'wifi-off',
  'x',
];

const require = createRequire(import.meta.url);

/** The style sheet's text; test/icons.test.ts compares it with the file. */
export function iconsCss() {
  const rules = ICONS.map((name) => {
    const svg = readFileSync(require.resolve(`lucide-static/icons/${name}.svg`), 'utf8')
      .replace(/<!--.*?-->/gs, '')
      .replace(/\s*class="[^"]*"/, '')
      .replace('currentColor', '#000')
      .replace(/\s+/g, ' ')
      .replace(/> </g, '><')
      .trim();
    const uri = `data:image/svg+xml;base64,${Buffer.from(svg).toString('base64')}`;
    return `.icon-${name} {\n  --icon: url("${uri}");\n}\n`;
  });
  return `/* Made by scripts/icons.mjs from lucide-static (ISC licence, https://lucide.dev/license). */\n${rules.join('')}`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(new URL('../src/ui/icons.css', import.meta.url), iconsCss());
}
