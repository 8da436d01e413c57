export default definePageConfig({
  navigationBarTitleText: '账号已在别处登录',
});
