const path = require('node:path');

/**
 * Taro's WeChat templates leave out the attributes that a screen reader needs. This plugin adds them to the
 * templates; aria-runtime.mjs adds the same ones to the run time (both sides number attributes by this list).
 */
const { components } = require('./aria-components');

module.exports = (ctx) => {
  ctx.registerMethod({
    name: 'onSetupClose',
    fn(platform) {
      if (!platform.template) return;
      platform.template.mergeComponents(ctx, components);
      const own = path.resolve(__dirname, 'aria-runtime.mjs');
      const paths = Array.isArray(platform.runtimePath) ? platform.runtimePath : [platform.runtimePath];
      platform.runtimePath = [...paths, own];
    },
  });
};
