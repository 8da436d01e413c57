export default definePageConfig({
  navigationBarTitleText: '收款记录',
  onReachBottomDistance: 240,
  // The browser's twin has its own (ui/pull.h5.ts).
  ...(process.env.TARO_ENV !== 'h5' && { enablePullDownRefresh: true }),
});
