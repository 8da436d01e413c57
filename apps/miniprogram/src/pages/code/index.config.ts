export default definePageConfig({
  navigationBarTitleText: '收款码',
  navigationBarBackgroundColor: '@code',
  navigationBarTextStyle: 'white',
  backgroundColor: '@code',
});
