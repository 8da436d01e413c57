/**
 * PostCSS, WeChat build only: 1rem becomes calc(1 * var(--rem)). WeChat counts a rem from the screen's width and
 * changes it only through <page-meta>, whose <navigation-bar> would override the theme's colours; --rem is ours, and
 * kit.weapp.tsx sets it from the font size chosen in WeChat.
 */
module.exports = () => ({
  postcssPlugin: 'wechat-rem',
  Declaration(declaration) {
    if (declaration.value.includes('rem') && !declaration.value.includes('var(--rem)')) {
      declaration.value = declaration.value.replace(/(-?\d*\.?\d+)rem\b/g, 'calc($1 * var(--rem))');
    }
  },
});
module.exports.postcss = true;
