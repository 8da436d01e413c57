// Runs before the first paint, so that a chosen dark mode or language never flashes. A file, not an inline script: CSP.
(() => {
  const root = document.documentElement;
  let theme = null;
  let lang = null;
  try {
    theme = localStorage.getItem('mott.console.theme');
    lang = localStorage.getItem('mott.console.lang');
  } catch {
    // Storage may be forbidden; the system's own setting serves.
  }
  const dark = theme ? theme === 'dark' : matchMedia('(prefers-color-scheme: dark)').matches;
  root.dataset.theme = dark ? 'dark' : 'light';
  root.lang = lang === 'en' ? 'en' : 'zh-CN';
})();
