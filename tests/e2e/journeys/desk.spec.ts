import { expect, test } from '../harness';
import { Console } from '../people/console';
import { Manager } from '../people/manager';
import { Payer } from '../people/payer';

// A world of its own: it changes the form that every code asks for.
test.use({ label: 'desk' });

test('PRODUCT 4: a field that an admin adds is asked of the next payer, and stands in the order', async ({
  browser,
  world,
  shot,
}) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const url = await manager.openCode();
  const desk = await Console.arrive(browser, world.url);
  await desk.login(world.admin.login);

  await test.step('a required choice is added and saved as the next version', async () => {
    await desk.at('nav-forms').click();
    await expect(desk.at('form-row')).toHaveCount(1);
    await shot(desk.page, 'console-forms');
    await desk.at('form-row').first().click();
    await expect(desk.at('form-save')).toBeDisabled();
    await shot(desk.page, 'console-form');
    await desk.at('form-add-field').click();
    const added = desk.at('form-field').last();
    await added.getByTestId('form-field-label').fill('校区');
    await added.getByText('选择', { exact: true }).click();
    await added.getByTestId('form-field-options').fill('浦东\n徐汇');
    await added.getByRole('checkbox', { name: '必填' }).check();
    await shot(desk.page, 'console-form-field');
    await desk.at('form-save').click();
    await expect(desk.at('form-version')).toContainText('2');
    await expect(desk.at('form-save')).toBeDisabled();
  });

  await test.step('the payer must choose', async () => {
    const payer = await Payer.arrive(browser, 'wechat', world.sandbox);
    await payer.open(url);
    await payer.fill('9.90', { payer_name: '何静' });
    await payer.press();
    await expect(payer.page.getByText('请选择校区')).toBeVisible();
    await payer.page.getByLabel('徐汇', { exact: true }).check();
    await payer.press();
    await payer.expectReceipt();
    await expect(payer.page.getByTestId('receipt').filter({ visible: true })).toContainText('徐汇');
  });

  await test.step('the order keeps the version it was filled with', async () => {
    await desk.at('nav-orders').click();
    await desk.orderRow('何静').click();
    await expect(desk.at('order-detail')).toContainText('徐汇');
    await expect(desk.at('order-detail')).toContainText('第 2 版');
  });
});

test('PRODUCT 3.1: a disabled manager is out at once, and so are the codes; enabled again, all is back', async ({
  browser,
  world,
}) => {
  const login = await world.admin.newManager();
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(login);
  const url = await manager.openCode();
  const desk = await Console.arrive(browser, world.url);
  await desk.login(world.admin.login);
  await desk.at('nav-managers').click();

  await desk.managerRow(login.mobile).getByTestId('manager-disable').click();
  await desk.at('confirm-ok').click();
  await expect(desk.managerRow(login.mobile).getByTestId('manager-status')).toContainText('已停用');
  await expect(manager.at('home-login'), 'the open screen is told').toBeVisible();
  const payer = await Payer.arrive(browser, 'phone', world.sandbox);
  expect(await payer.open(url)).toBe(403);
  await expect(payer.page.getByRole('heading').first()).toBeVisible();

  await desk.managerRow(login.mobile).getByTestId('manager-enable').click();
  await desk.at('confirm-ok').click();
  await expect(desk.managerRow(login.mobile).getByTestId('manager-status')).toContainText('在用');
  expect(await payer.open(url)).toBe(200);
  await manager.login(login);
});

test('PRODUCT 3.1: a new phone logs in once an admin has unbound the old one', async ({ browser, world }) => {
  const login = await world.admin.newManager();
  const old = await Manager.arrive(browser, world.url);
  await old.login(login);
  const desk = await Console.arrive(browser, world.url);
  await desk.login(world.admin.login);
  await desk.at('nav-managers').click();
  await desk.managerRow(login.mobile).getByTestId('manager-unbind').click();
  await desk.at('confirm-ok').click();
  await expect(desk.managerRow(login.mobile)).toContainText('未绑定');

  const fresh = await Manager.arrive(browser, world.url);
  await fresh.login(login);
});

test('PRODUCT 3.1: a refused mail is told with its reason, corrected and sent again', async ({
  browser,
  world,
  shot,
}) => {
  const desk = await Console.arrive(browser, world.url);
  await desk.login(world.admin.login);
  const mobile = '13600001234';
  await desk.fillRegistration({
    name: '沈佳',
    mobile,
    email: 'shen@refused.test',
    org: '华南校区',
    password: 'Bamboo-4821',
  });
  await desk.at('manager-save').click();
  await desk.at('manager-done').click();
  const row = desk.managerRow(mobile);
  await expect(row.getByTestId('mail-state')).toContainText('被拒', { timeout: 20_000 });
  await expect(row).toContainText('550');
  await shot(desk.page, 'console-mail-refused');
  await row.getByTestId('mail-fix').click();
  await desk.at('mail-email').fill('shen.jia@example.test');
  await desk.at('mail-send').click();
  await expect(row.getByTestId('mail-state')).toContainText('已被对方服务器接收', { timeout: 20_000 });
  const [mail] = await world.sandbox.mails('shen.jia@example.test');
  expect(mail?.text).toContain(mobile);
});

test('PRODUCT 3.1: a reset password logs the phone out at once, and only the new one opens it', async ({
  browser,
  world,
}) => {
  const login = await world.admin.newManager();
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(login);
  const desk = await Console.arrive(browser, world.url);
  await desk.login(world.admin.login);
  await desk.at('nav-managers').click();

  await desk.managerRow(login.mobile).getByTestId('manager-reset').click();
  await desk.at('confirm-ok').click();
  const password = await desk.at('generated-password').innerText();
  await expect(manager.at('home-login'), 'the open screen is told').toBeVisible();
  await manager.login({ ...login, password });
});
