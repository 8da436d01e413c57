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

test('PRODUCT 3.1: another device is in by a code on the phone, and the first one is told', async ({
  browser,
  world,
  shot,
}) => {
  const login = await world.admin.newManager();
  const first = await Manager.arrive(browser, world.url);
  await first.login(login);
  await first.openCode();

  const stranger = await Manager.arrive(browser, world.url);
  await stranger.at('home-login').click();
  await stranger.at('login-mobile').fill(login.mobile);
  await stranger.at('login-password').fill(login.password);
  await stranger.at('login-submit').click();
  await expect(stranger.at('login-code-step')).toContainText(`${login.mobile.slice(0, 3)}****${login.mobile.slice(7)}`);
  await expect(stranger.at('login-code-again')).toBeDisabled();
  const text = await world.sandbox.sms(login.mobile);
  const code = text.match(/\d{6}/)?.[0] ?? '';
  await shot(stranger.page, 'manager-login-code');

  await test.step('a wrong code is told with the tries that are left, and the first device is still in', async () => {
    await stranger.at('login-code').fill(code === '000000' ? '000001' : '000000');
    await stranger.at('login-code-submit').click();
    await expect(stranger.at('login-code-error')).toContainText('还可以试 4 次');
    await expect(first.at('code-qr')).toBeVisible();
  });

  await stranger.at('login-code').fill(code);
  await stranger.at('login-code-submit').click();
  await expect(stranger.at('home-today-sum')).toBeVisible();
  await expect(first.at('displaced-screen')).toBeVisible();
  await stranger.openCode();
});

test('PRODUCT 3.1: a code that cannot be sent is told in words', async ({ browser, world }) => {
  const login = await world.admin.newManager('13900000404');
  const first = await Manager.arrive(browser, world.url);
  await first.login(login);

  const stranger = await Manager.arrive(browser, world.url);
  await stranger.at('home-login').click();
  await stranger.at('login-mobile').fill(login.mobile);
  await stranger.at('login-password').fill(login.password);
  await stranger.at('login-submit').click();
  await expect(async () => {
    await stranger.at('login-code').fill('123456');
    await stranger.at('login-code-submit').click();
    await expect(stranger.at('login-error')).toContainText('短信没有发出去', { timeout: 1_000 });
  }).toPass();
  await stranger.at('login-code-back').click();
  await expect(stranger.at('login-submit')).toBeVisible();
});
