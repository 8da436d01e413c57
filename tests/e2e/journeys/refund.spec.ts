import { expect, test } from '../harness';
import { Console } from '../people/console';
import { Manager } from '../people/manager';
import { Payer } from '../people/payer';

// A world of its own: it moves the clock past an order's end.
test.use({ label: 'refund' });

const FINANCE = { login: 'finance', password: 'demo-finance-2026' };
/** The institution answers, tells and is asked again within this. */
const SOON = { timeout: 30_000 };

test('PRODUCT 6.6: a manager asks for a refund, finance approves, and record, order and receipt show it', async ({
  browser,
  world,
  shot,
}) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const url = await manager.openCode();
  const payer = await Payer.arrive(browser, 'wechat', world.sandbox);
  await payer.open(url);
  await payer.fill('128.00', { payer_name: '周小雨' });
  await payer.press();
  await payer.expectReceipt();

  await test.step('the manager asks: it waits for the company', async () => {
    await manager.page.goto(`${world.url}/m/`);
    await manager.at('home-records').click();
    await manager.at('record-item').first().click();
    await manager.at('record-refund-open').click();
    await manager.at('record-refund-amount').fill('28.00');
    await manager.at('record-refund-reason').fill('少上两节课');
    await shot(manager.page, 'manager-refund');
    await manager.at('record-refund-submit').click();
    await expect(manager.at('record-refund')).toContainText('待公司审批');
  });

  const desk = await Console.arrive(browser, world.url);
  await desk.login(FINANCE);
  await test.step('finance sees what waits, and approves', async () => {
    await expect(desk.at('nav-refunds')).toContainText('1');
    await desk.at('nav-refunds').click();
    const row = desk.at('refund-row').filter({ hasText: '周小雨' });
    await expect(row).toContainText('待审批');
    await row.click();
    await shot(desk.page, 'console-refund');
    await desk.at('refund-approve').click();
    await shot(desk.page, 'console-refund-approve');
    await desk.at('words-ok').click();
    await expect(desk.at('refund-detail').getByTestId('refund-status')).toHaveText('已退款', SOON);
    await shot(desk.page, 'console-refunds');
  });

  await test.step('record, order and receipt show what went back', async () => {
    await expect(manager.at('record-refunded')).toContainText('28.00', SOON);
    await shot(manager.page, 'manager-record-refunded');
    await desk.page.getByText('查看订单').click();
    await expect(desk.at('order-status')).toHaveText('部分退款');
    await expect(desk.at('order-detail')).toContainText('退款成功 28.00 元');
    await shot(desk.page, 'console-order-refunded');
    await payer.page.reload();
    await expect(payer.page.getByTestId('refund').filter({ visible: true })).toContainText('28.00');
    await shot(payer.page, 'payer-refunded');
  });
});

test('PRODUCT 6.2: money that comes after the order was closed stands before finance, who claims it', async ({
  browser,
  world,
  shot,
}) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const url = await manager.openCode();
  const payer = await Payer.arrive(browser, 'wechat', world.sandbox);
  await world.sandbox.misbehave('paid_unseen', { hold_ms: 90 * 60_000 });
  await payer.open(url);
  await payer.fill('36.50', { payer_name: '吴迟' });
  await payer.press();
  await expect(payer.page.locator('[data-state="waiting"]').filter({ visible: true })).toBeVisible();

  const desk = await Console.arrive(browser, world.url);
  await desk.login(FINANCE);
  await test.step('the order closes unpaid, and the money comes an hour later', async () => {
    const now = Date.now();
    world.clock.freeze(now + 31 * 60_000);
    await desk.at('nav-orders').click();
    await expect(async () => {
      await desk.page.reload();
      await expect(desk.orderRow('吴迟')).toContainText('已关闭', { timeout: 2000 });
    }).toPass(SOON);
    world.clock.freeze(now + 95 * 60_000);
    await desk.at('nav-inbox').click();
    await expect(async () => {
      await desk.page.reload();
      await expect(desk.at('inbox-row').filter({ hasText: '吴迟' })).toContainText('关闭后到账', { timeout: 2000 });
    }).toPass(SOON);
  });

  await test.step('finance claims it: the manager has it on record', async () => {
    await desk.at('inbox-row').filter({ hasText: '吴迟' }).click();
    await shot(desk.page, 'console-inbox');
    await desk.at('inbox-claim').click();
    await desk.at('words').fill('付款人确认报名');
    await shot(desk.page, 'console-inbox-claim');
    await desk.at('words-ok').click();
    await expect(desk.at('inbox-state')).toHaveText('已认领');
    await manager.page.goto(`${world.url}/m/`);
    await manager.at('home-records').click();
    await expect(manager.at('record-item').first()).toContainText('36.50');
  });
});
