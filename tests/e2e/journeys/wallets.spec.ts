import { expect, test } from '../harness';
import { Manager } from '../people/manager';
import { Payer } from '../people/payer';
import { scan } from '../people/scan';

test('PRODUCT 4: in Alipay the same code is paid with Alipay, which says who pays', async ({
  browser,
  world,
  shot,
}) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const payer = await Payer.arrive(browser, 'alipay', world.sandbox);
  await payer.open(await manager.openCode());
  await payer.fill('12.80', { payer_name: '吴静' });
  payer.mind = 'cancel';
  await payer.press();
  await expect(payer.page.locator('#state')).toContainText('取消');
  payer.refusal = { resultCode: '4000', memo: '您的支付宝账户余额不足' };
  await payer.press();
  await expect(payer.page.locator('#trouble')).toContainText('余额不足。请充值');
  await shot(payer.page, 'payer-refused');
  payer.mind = 'pay';
  await payer.press();
  await payer.expectReceipt();
  await expect(payer.page.locator('#paid-by')).toHaveText('支付宝');
  await expect(manager.at('live-banner')).toContainText('12.80');
});

test("PRODUCT 4: a phone's browser offers both wallets; Alipay's page comes back to the receipt", async ({
  browser,
  world,
}) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const payer = await Payer.arrive(browser, 'phone', world.sandbox);
  await payer.open(await manager.openCode());
  await payer.fill('23.00', { payer_name: '郑洁' });
  await payer.press();
  await payer.choose('alipay');
  await payer.page.waitForURL(`${world.sandbox.url}/**`);
  await payer.page.getByTestId('wallet-pay').click();
  await payer.expectReceipt();
  await expect(manager.at('live-banner')).toContainText('23.00');
});

test('PRODUCT 4: a changed wallet closes the first attempt; one that nobody can close is waited for', async ({
  browser,
  world,
  shot,
}) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const payer = await Payer.arrive(browser, 'desktop', world.sandbox);
  const { page } = payer;
  await payer.open(await manager.openCode());
  await payer.fill('45.00', { payer_name: '马丽' });
  await payer.press();
  await payer.choose('wechatpay');
  const shown = page.getByTestId('native-qr').locator('img');
  await expect(page.locator('#qr-title')).toHaveText('请用微信扫一扫');
  const first = await scan(shown);
  await page.getByTestId('other').click();
  await expect(page.locator('#qr-title')).toHaveText('请用支付宝扫一扫');
  await expect(page.locator('#left')).toContainText('请在');
  await shot(page, 'payer-native-alipay');
  expect(await world.sandbox.payScanned(first), 'the first code is dead').not.toMatch(/:ok$/);
  await page.getByTestId('other').click();
  await expect(page.locator('#trouble')).toContainText('刚才的支付宝付款还没有结束');
  await expect(page.locator('#left')).toContainText('剩余');
  await shot(page, 'payer-held');
  await payer.choose('alipay');
  await expect(page.locator('#qr-title')).toHaveText('请用支付宝扫一扫');
  expect(await world.sandbox.payAlipay(await scan(shown))).toBe('9000');
  await payer.expectReceipt();
  await expect(manager.at('live-banner')).toContainText('45.00');
});

test("PRODUCT 4: UnionPay's app is told which wallets scan", async ({ browser, world, shot }) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const payer = await Payer.arrive(browser, 'unionpay', world.sandbox);
  await payer.open(await manager.openCode());
  await expect(payer.page.locator('#scan')).toContainText('请用微信或支付宝扫一扫');
  await payer.fill('5.00', { payer_name: '林杰' });
  await payer.press();
  await expect(payer.page.locator('#qr-title')).toHaveText('请用微信或支付宝扫一扫');
  await shot(payer.page, 'payer-scan');
});

test('PRODUCT 4: 不是我要付的 is told once, and the receipt says so', async ({ browser, world }) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const payer = await Payer.arrive(browser, 'wechat', world.sandbox);
  await payer.open(await manager.openCode());
  await payer.fill('6.00', { payer_name: '周远' });
  await payer.press();
  await payer.expectReceipt();
  await payer.page.getByTestId('dispute').click();
  await payer.page.getByTestId('dispute-tell').click();
  await expect(payer.page.getByTestId('disputed')).toContainText('已告诉收款企业');
  await payer.expectReceipt();
});
