import { expect, test } from '../harness';
import { Manager } from '../people/manager';
import { Payer } from '../people/payer';
import { scan } from '../people/scan';

// A world of its own: nobody else should live in this one's future.
test.use({ label: 'clock' });

const THREE_HOURS = 3 * 3_600_000;
const WHO = { payer_name: '孙一鸣' };

test.afterEach(({ world }) => world.clock.release());

test('PRODUCT 3.2: a replaced code lives until the third hour sharp, not a second longer', async ({
  browser,
  world,
  shot,
}) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const old = await manager.openCode();

  const refreshedAt = Math.ceil(Date.now() / 1000) * 1000;
  world.clock.freeze(refreshedAt);
  const fresh = await manager.refresh();
  expect(fresh).not.toBe(old);
  await shot(manager.page, 'manager-code-refreshed');

  world.clock.freeze(refreshedAt + THREE_HOURS - 1000);
  const intime = await Payer.arrive(browser, 'desktop', world.sandbox);
  expect(await intime.open(old)).toBe(200);
  await intime.fill('5.00', WHO);
  const late = await Payer.arrive(browser, 'phone', world.sandbox);
  expect(await late.open(old)).toBe(200);
  await late.fill('6.00', WHO);
  await shot(late.page, 'payer-form-superseded');
  await intime.press();
  await expect(intime.page, 'submitted at 2:59:59').toHaveURL(/\/pay\/o/);

  world.clock.freeze(refreshedAt + THREE_HOURS);
  await late.press();
  await expect(late.page.getByRole('heading'), 'only had the page open').toContainText('收款码已失效');
  const scanning = await Payer.arrive(browser, 'wechat', world.sandbox);
  expect(await scanning.open(old)).toBe(410);
  await expect(scanning.page.getByRole('heading')).toContainText('收款码已失效');
  await expect(scanning.page.locator('body')).toContainText('请向业务经理索取新的收款码');
  await shot(scanning.page, 'payer-code-expired');
  expect(await scanning.open(fresh)).toBe(200);

  await test.step('an order submitted in time may still be paid', async () => {
    await intime.choose('wechatpay');
    const shown = intime.page.getByTestId('native-qr').locator('img');
    await expect(shown).toBeVisible();
    expect(await world.sandbox.payScanned(await scan(shown))).toMatch(/:ok$/);
    await intime.expectReceipt();
  });
});

test('PRODUCT 3.2: a refresh can be taken back for ten seconds', async ({ browser, world }) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const old = await manager.openCode();
  const fresh = await manager.refresh();
  await expect(manager.at('code-superseded')).toBeVisible();
  await manager.at('code-undo').click();
  await expect(manager.at('code-qr')).toHaveAttribute('data-url', old);
  const payer = await Payer.arrive(browser, 'phone', world.sandbox);
  expect(await payer.open(old)).toBe(200);
  expect(await payer.open(fresh)).toBe(410);
});
