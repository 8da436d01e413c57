const path = require('node:path');
const { version } = require('../package.json');

/**
 * WeChat has no "same origin": the address is compiled in. `.invalid` never resolves (RFC 2606),
 * so a build that forgot MOTT_API_BASE fails at its first request and not at somebody else's server.
 */
const apiBase = process.env.MOTT_API_BASE || 'https://example.invalid';

const platform = process.env.TARO_ENV === 'weapp' ? 'weapp' : 'h5';

module.exports = {
  projectName: 'mott-miniprogram',
  date: '2026-11-23',
  // Nothing is sized by the screen's width (rem and px only, see src/app.css): no px is rewritten.
  designWidth: 375,
  deviceRatio: { 375: 2, 750: 1 },
  sourceRoot: 'src',
  outputRoot: `dist/${platform}`,
  framework: 'react',
  compiler: { type: 'webpack5', prebundle: { enable: false } },
  cache: { enable: false },
  logger: { quiet: true, stats: false },
  plugins: [path.resolve(__dirname, 'aria.js')],
  defineConstants: {
    MOTT_API_BASE: JSON.stringify(apiBase.replace(/\/+$/, '')),
    APP_VERSION: JSON.stringify(version),
  },
  copy: {
    patterns: platform === 'weapp' ? [{ from: 'src/sitemap.json', to: 'dist/weapp/sitemap.json' }] : [],
    options: {},
  },
  mini: {
    postcss: {
      pxtransform: { enable: false },
      cssModules: { enable: false },
      './config/wechat-rem.js': { enable: true, config: {} },
    },
  },
  h5: {
    publicPath: '/m/',
    staticDirectory: 'static',
    useHtmlComponents: true,
    router: { mode: 'hash' },
    enableExtract: true,
    output: { filename: 'js/[name].[contenthash:8].js', chunkFilename: 'js/[name].[contenthash:8].js' },
    miniCssExtractPluginOption: {
      filename: 'css/[name].[contenthash:8].css',
      chunkFilename: 'css/[name].[contenthash:8].css',
      ignoreOrder: true,
    },
    postcss: { pxtransform: { enable: false }, autoprefixer: { enable: true } },
    devServer: {
      port: 10086,
      open: false,
      proxy: [{ context: ['/api'], target: 'http://127.0.0.1:8080', ws: true, changeOrigin: false }],
    },
  },
};
