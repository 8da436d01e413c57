export default definePageConfig({
  navigationBarTitleText: '星收付',
});
