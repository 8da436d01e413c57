import { expect, test } from '../harness';
import { Manager } from '../people/manager';
import { Payer } from '../people/payer';

test('a form that breaks a rule says which field, and loses nothing of what was typed', async ({
  browser,
  world,
  shot,
}) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const url = await manager.openCode();
  const payer = await Payer.arrive(browser, 'phone', world.sandbox);
  await payer.open(url);
  for (const wrong of ['0', '-1', '1.234', '100000000']) {
    await payer.fill(wrong, { payer_name: '钱多多' });
    await payer.press();
    await expect(payer.page.getByTestId('error-amount'), wrong).toBeVisible();
    await expect(payer.page.getByTestId('field-payer_name')).toHaveValue('钱多多');
    if (wrong === '1.234') await shot(payer.page, 'payer-form-wrong');
  }
  await payer.fill('１２．５０', { payer_name: '钱多多' });
  await payer.press();
  await expect(payer.page.locator('body'), 'full-width digits are read').toContainText('12.50');
});

test('the form works without script up to the pay button', async ({ browser, world }) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const url = await manager.openCode();
  const page = await browser.newPage({ javaScriptEnabled: false });
  await page.goto(url);
  await page.getByTestId('amount').fill('1.234');
  await page.getByTestId('field-payer_name').fill('钱多多');
  await page.getByTestId('pay').click();
  await expect(page.getByTestId('error-amount')).toBeVisible();
  await expect(page.getByTestId('field-payer_name')).toHaveValue('钱多多');
  await page.getByTestId('amount').fill('1.23');
  await page.getByTestId('pay').click();
  await expect(page).toHaveURL(/\/pay\/o/);
  await expect(page.getByTestId('amount').first()).toContainText('1.23');
});

test('unknown and malformed codes get a clear page and the right status', async ({ browser, world }) => {
  const payer = await Payer.arrive(browser, 'phone', world.sandbox);
  for (const token of ['cAAAAAAAAAAAAAAAAAAAAAA', 'c', 'x', '%00', 'c%E4%BD%A0', `c${'a'.repeat(3000)}`]) {
    const status = await payer.open(`${world.url}/pay/${token}`);
    expect([400, 404, 414], token.slice(0, 40)).toContain(status);
    await expect(payer.page.getByRole('heading').first()).toBeVisible();
  }
});
