import { expect, test } from '../harness';
import { Manager } from '../people/manager';
import { Payer } from '../people/payer';
import { scan } from '../people/scan';

test('PRODUCT 4: WeChat remembers who pays, so the second payment asks nobody to sign in', async ({
  browser,
  world,
}) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const url = await manager.openCode();
  const payer = await Payer.arrive(browser, 'wechat', world.sandbox);
  const signedIn: string[] = [];
  payer.page.on('request', (request) => {
    if (request.url().includes('/connect/oauth2/authorize')) signedIn.push(request.url());
  });
  for (const amount of ['1.00', '2.00']) {
    await payer.open(url);
    expect(signedIn.length, 'nothing asks who pays before somebody pays').toBe(amount === '1.00' ? 0 : 1);
    await payer.fill(amount, { payer_name: '周远' });
    await payer.press();
    await payer.expectReceipt();
  }
  expect(signedIn).toHaveLength(1);
});

test('PRODUCT 4: a payer who changes their mind in WeChat can pay the same order later', async ({ browser, world }) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const payer = await Payer.arrive(browser, 'wechat', world.sandbox);
  await payer.open(await manager.openCode());
  await payer.fill('3.00', { payer_name: '郑凯' });
  payer.mind = 'cancel';
  await payer.press();
  await expect(payer.page.locator('#state')).toContainText('取消');
  const order = payer.page.url();
  payer.mind = 'pay';
  await payer.press();
  await payer.expectReceipt();
  expect(payer.page.url()).toBe(order);
  await expect(manager.at('live-banner')).toContainText('3.00');
});

test("PRODUCT 4: a phone's own browser pays by H5", async ({ browser, world, shot }) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const payer = await Payer.arrive(browser, 'phone', world.sandbox);
  await payer.open(await manager.openCode());
  await payer.fill('88.00', { payer_name: '陈立' });
  await payer.press();
  await payer.page.waitForURL('**/pay/o*');
  await shot(payer.page, 'payer-choice');
  await payer.choose('wechatpay');
  await payer.page.waitForURL(`${world.sandbox.url}/**`);
  await shot(payer.page, 'wallet-h5');
  await payer.page.getByTestId('wallet-pay').click();
  await payer.expectReceipt();
  await expect(manager.at('live-banner')).toContainText('88.00');
});

test('PRODUCT 4: a desktop shows a code, which a phone scans', async ({ browser, world, shot }) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const payer = await Payer.arrive(browser, 'desktop', world.sandbox);
  await payer.open(await manager.openCode());
  await payer.fill('66.60', { payer_name: '赵敏' });
  await payer.press();
  await payer.choose('wechatpay');
  const shown = payer.page.getByTestId('native-qr').locator('img');
  await expect(shown).toBeVisible();
  await shot(payer.page, 'payer-native');
  expect(await world.sandbox.payScanned(await scan(shown))).toMatch(/:ok$/);
  await payer.expectReceipt();
  await expect(manager.at('live-banner')).toContainText('66.60');
});
