// The same colours as tokens.css, as values: antd derives shades from them and cannot read CSS variables.
// palette.test.ts keeps the two in step and the contrast at AA.
export interface Palette {
  ink: string;
  'ink-2': string;
  'ink-3': string;
  paper: string;
  card: string;
  line: string;
  'control-line': string;
  brand: string;
  'brand-soft': string;
  'on-brand': string;
  received: string;
  'received-soft': string;
  gold: string;
  'gold-soft': string;
  danger: string;
  'danger-soft': string;
}

export const light: Palette = {
  ink: '#10201c',
  'ink-2': '#55635f',
  'ink-3': '#66716e',
  paper: '#f5f6f4',
  card: '#ffffff',
  line: '#e6e9e6',
  'control-line': '#c9d0cc',
  brand: '#0f5c4a',
  'brand-soft': '#e3efeb',
  'on-brand': '#ffffff',
  received: '#047a42',
  'received-soft': '#e4f6ec',
  gold: '#8f6200',
  'gold-soft': '#fff4da',
  danger: '#c8372d',
  'danger-soft': '#fdecea',
};

export const dark: Palette = {
  ink: '#eef2f0',
  'ink-2': '#a9b5b1',
  'ink-3': '#84908c',
  paper: '#0e1513',
  card: '#17201d',
  line: '#26312d',
  'control-line': '#3b4a44',
  brand: '#58c2a3',
  'brand-soft': '#16302a',
  'on-brand': '#08211a',
  received: '#35cf85',
  'received-soft': '#12301f',
  gold: '#f0b73d',
  'gold-soft': '#33270b',
  danger: '#ff7b70',
  'danger-soft': '#3a1714',
};
