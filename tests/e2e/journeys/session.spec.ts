import { expect, test } from '../harness';
import { Manager } from '../people/manager';

test('PRODUCT 3.1: a later login pushes the earlier one out, which is told at once and can do nothing more', async ({
  browser,
  world,
  shot,
}) => {
  const login = await world.admin.newManager();
  const earlier = await Manager.arrive(browser, world.url);
  await earlier.login(login);
  await earlier.openCode();

  const later = await Manager.arrive(browser, world.url, await earlier.deviceKey());
  await later.login(login);

  await expect(earlier.at('displaced-screen')).toBeVisible();
  await shot(earlier.page, 'manager-displaced');
  await earlier.page.goto(`${world.url}/m/`);
  await expect(earlier.at('home-today-sum')).toHaveCount(0);

  await later.openCode();
});

test('PRODUCT 3.1: another device is refused in words until an admin unbinds', async ({ browser, world, shot }) => {
  const login = await world.admin.newManager();
  const first = await Manager.arrive(browser, world.url);
  await first.login(login);

  const stranger = await Manager.arrive(browser, world.url);
  await stranger.at('home-login').click();
  await stranger.at('login-mobile').fill(login.mobile);
  await stranger.at('login-password').fill(login.password);
  await stranger.at('login-submit').click();
  await expect(stranger.at('login-error')).toBeVisible();
  await shot(stranger.page, 'manager-login-other');

  await first.openCode();
});
