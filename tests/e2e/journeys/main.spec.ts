import { expect, test } from '../harness';
import { Console } from '../people/console';
import { Manager } from '../people/manager';
import { Payer } from '../people/payer';

const NEW = {
  name: '林晓雨',
  mobile: '13700002176',
  email: 'lin.xiaoyu@example.test',
  org: '华东校区',
  password: 'Bamboo-4821',
};

test('PRODUCT 2: registered, told by mail, collects, is told at once, finds the record', async ({
  browser,
  world,
  shot,
}) => {
  const desk = await Console.arrive(browser, world.url);
  await expect(desk.at('login-name')).toBeVisible();
  await shot(desk.page, 'console-login');
  await desk.login(world.admin.login);

  await test.step('an admin registers the manager, and the mail is accepted', async () => {
    await desk.fillRegistration(NEW);
    await shot(desk.page, 'console-manager-new');
    await desk.at('manager-save').click();
    await expect(desk.at('manager-registered').getByTestId('mail-state')).toContainText('已被对方服务器接收', {
      timeout: 20_000,
    });
    await shot(desk.page, 'console-manager-registered');
    await desk.at('manager-done').click();
    await expect(desk.managerRow(NEW.mobile).getByTestId('mail-state')).toContainText('已被对方服务器接收', {
      timeout: 20_000,
    });
    await shot(desk.page, 'console-managers');
  });

  await test.step('the mail says what login needs', async () => {
    const [mail] = await world.sandbox.mails(NEW.email);
    expect(mail?.text).toContain(NEW.mobile);
    expect(mail?.text).toContain(NEW.password);
    const reader = await browser.newPage({ viewport: { width: 900, height: 960 } });
    await reader.goto(`${world.sandbox.url}/mailbox/${mail?.mail_id}`);
    await expect(reader.frameLocator('iframe').getByText(NEW.mobile)).toBeVisible();
    await shot(reader, 'mail');
  });

  const manager = await Manager.arrive(browser, world.url);
  await shot(manager.page, 'manager-home-logged-out');
  await manager.at('home-login').click();
  await expect(manager.at('login-submit'), 'the page has turned').toBeInViewport({ ratio: 1 });
  await shot(manager.page, 'manager-login');
  await manager.page.goBack();
  await expect(manager.at('login-submit')).toBeHidden();
  await manager.login(NEW);
  await shot(manager.page, 'manager-home');
  const url = await manager.openCode();
  await shot(manager.page, 'manager-code');

  const payer = await Payer.arrive(browser, 'wechat', world.sandbox);
  await test.step('a payer scans, fills in and pays; the screen says so within a second of the commit', async () => {
    expect(await payer.open(url)).toBe(200);
    await payer.fill('12.50', { payer_name: '王小明' });
    await shot(payer.page, 'payer-form');
    const before = await world.sandbox.acknowledged();
    const shown = manager
      .at('live-banner')
      .waitFor()
      .then(() => Date.now());
    await payer.press();
    const uncommitted = await world.sandbox.lastUnacknowledged(before);
    expect((await shown) - uncommitted).toBeLessThan(1000);
    await expect(manager.at('live-banner')).toContainText('12.50');
    await payer.expectReceipt();
    await expect(manager.at('code-last-scan'), 'who paid has scanned').toContainText('最近一次扫码');
    await shot(manager.page, 'manager-code-paid');
    await shot(payer.page, 'payer-receipt');
  });

  await test.step('the record is there, and opens to its details', async () => {
    await manager.page.goto(`${world.url}/m/`);
    await expect(manager.at('home-today-sum')).toContainText('12.50');
    await expect(manager.at('home-today-count')).toContainText('1');
    await manager.at('home-records').click();
    await expect(manager.at('record-item')).toHaveCount(1);
    await shot(manager.page, 'manager-records');
    await manager.at('record-item').click();
    await expect(manager.at('record-detail')).toContainText('王小明');
    await shot(manager.page, 'manager-record');
  });

  await test.step('the order is in the console', async () => {
    await desk.at('nav-orders').click();
    await expect(desk.orderRow('王小明')).toContainText('12.50');
    await shot(desk.page, 'console-orders');
    await desk.orderRow('王小明').click();
    await expect(desk.at('order-detail')).toContainText('林晓雨');
    await shot(desk.page, 'console-order');
    await desk.at('nav-forms').click();
    await expect(desk.page).toHaveURL(/forms/);
  });

  await test.step('opened again, it is still logged in; logged out, it is not', async () => {
    await manager.page.goto(`${world.url}/m/`);
    await manager.at('home-settings').click();
    await shot(manager.page, 'manager-settings');
    await manager.at('settings-logout').click();
    await manager.at('dialog-confirm').click();
    await expect(manager.at('home-login')).toBeVisible();
  });
});
