export default definePageConfig({
  navigationBarTitleText: '收款记录',
  onReachBottomDistance: 240,
});
