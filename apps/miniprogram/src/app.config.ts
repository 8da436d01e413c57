export default defineAppConfig({
  pages: [
    'pages/home/index',
    'pages/login/index',
    'pages/code/index',
    'pages/records/index',
    'pages/record/index',
    'pages/settings/index',
    'pages/displaced/index',
  ],
  darkmode: true,
  themeLocation: 'theme.json',
  sitemapLocation: 'sitemap.json',
  lazyCodeLoading: 'requiredComponents',
  // The only guarded ability is the clipboard (copying an order number); README.md lists what to declare.
  __usePrivacyCheck__: true,
  window: {
    navigationBarTitleText: '星收付',
    navigationBarBackgroundColor: '@nav',
    navigationBarTextStyle: '@navText',
    backgroundColor: '@paper',
    backgroundTextStyle: '@pull',
  },
  // The browser's router slides pages unless told not to; WeChat knows no such key.
  ...(process.env.TARO_ENV === 'h5' && { animation: false }),
} as Parameters<typeof defineAppConfig>[0]);
