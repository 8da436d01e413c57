import type { Browser } from '@playwright/test';
import { expect, test } from '../harness';
import { Manager } from '../people/manager';
import { Payer } from '../people/payer';
import type { World } from '../world/world';

// It moves the clock: payments of several days.
test.use({ label: 'records' });

const DAY = 86_400_000;
/** 23 November 2026, 10:00 in Shanghai, a Monday. */
const NOW = Date.parse('2026-11-23T10:00:00+08:00');

/** One WeChat pays for each of these through the code at `url`. */
async function pay(browser: Browser, world: World, url: string, names: [name: string, remark: string, yuan: string][]) {
  const payer = await Payer.arrive(browser, 'wechat', world.sandbox);
  for (const [name, remark, yuan] of names) {
    await payer.open(url);
    await payer.fill(yuan, { payer_name: name, remark });
    await payer.press();
    await payer.expectReceipt();
  }
  await payer.leave();
}

test('PRODUCT 3.3: what is searched is found, marked, and 日期 goes back to a day', async ({
  browser,
  world,
  shot,
}) => {
  world.clock.freeze(NOW - 80 * DAY);
  const login = await world.admin.newManager();
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(login);
  const url = await manager.openCode();
  await pay(browser, world, url, [['司马光', '校服', '368.00']]);
  world.clock.freeze(NOW - DAY);
  await pay(browser, world, url, [['王芳', '三年级一班 学费', '1280.00']]);
  world.clock.freeze(NOW);
  await pay(browser, world, url, [
    ['李晓明', '三年级二班 13800002176', '12.80'],
    ['欧阳璟', '学费补差', '1500.00'],
  ]);

  await manager.page.goto(`${world.url}/m/`);
  await manager.at('home-records').click();
  const items = manager.at('record-item');
  await expect(items).toHaveCount(4);
  const orderNo = await test.step('a record tells its order number', async () => {
    await items.nth(1).click();
    await expect(manager.at('record-detail')).toContainText('李晓明');
    const no = (await manager.at('record-detail').textContent())?.match(/\d{17,20}/)?.[0] ?? '';
    await manager.page.goBack();
    await expect(manager.at('records-search')).toBeVisible();
    return no;
  });

  const search = manager.at('records-search');
  await expect(search).toHaveAttribute('placeholder', '输入关键字查询');
  for (const [typed, found] of [
    ['学费', ['欧阳璟', '王芳']],
    ['晓明', ['李晓明']],
    ['=12.80', ['李晓明']],
    ['1000-2000', ['欧阳璟', '王芳']],
    ['02176', ['李晓明']],
    [orderNo, ['李晓明']],
    [orderNo.slice(-6), ['李晓明']],
    ['三年级 学费', ['王芳']],
  ] as const) {
    await test.step(`“${typed}” finds ${found.join(', ')}`, async () => {
      await search.fill(typed);
      await search.press('Enter');
      await expect(items).toHaveCount(found.length);
      for (const [n, name] of found.entries()) await expect(items.nth(n)).toContainText(name);
    });
  }

  await test.step('what was looked for is marked', async () => {
    await search.fill('学费');
    await expect(items).toHaveCount(2);
    await expect(manager.at('marked')).toHaveText(['学费', '学费']);
    await shot(manager.page, 'manager-records-search');
  });

  await test.step('nothing found says what was searched, and leads back', async () => {
    await search.fill("诸葛' OR 1=1 --");
    await expect(manager.at('empty')).toContainText("没有找到“诸葛' OR 1=1 --”");
    await shot(manager.page, 'manager-records-nothing');
    await manager.at('records-all').click();
    await expect(items).toHaveCount(4);
    await expect(search).toHaveValue('');
  });

  await test.step('日期 begins the list at the end of that day, and can be cleared', async () => {
    const date = manager.at('records-date');
    await expect(date, 'no day to come').toHaveAttribute('max', '2026-11-23');
    await date.fill('2026-11-22');
    await expect(items).toHaveCount(2);
    await expect(items.first()).toContainText('王芳');
    await shot(manager.page, 'manager-records-date');
    await search.fill('校服');
    await expect(items).toHaveCount(1);
    await date.fill('2026-08-31');
    await expect(manager.at('empty')).toContainText('8月31日及以前');
    await manager.at('records-search-clear').click();
    await expect(manager.at('empty')).toContainText('没有收款记录');
    await manager.at('records-date-clear').click();
    await expect(items).toHaveCount(4);
  });

  await test.step('a failing network is told and tried again; pulled down, it asks again', async () => {
    await manager.page.route('**/api/manager/records?*', (route) => route.abort());
    await search.fill('欧阳');
    await expect(manager.at('failed')).toBeVisible();
    await manager.page.unroute('**/api/manager/records?*');
    await manager.at('retry').click();
    await expect(items).toHaveCount(1);
    const asked = manager.page.waitForRequest('**/api/manager/records?*');
    await pullDown(manager);
    await asked;
    await expect(items).toHaveCount(1);
  });
});

/** A finger that pulls the list down and lets go. */
async function pullDown(manager: Manager): Promise<void> {
  const touch = await manager.page.context().newCDPSession(manager.page);
  const at = (type: string, y: number[]) =>
    touch.send('Input.dispatchTouchEvent', {
      type: type as 'touchStart',
      touchPoints: y.map((each) => ({ x: 200, y: each })),
    });
  await at('touchStart', [300]);
  for (let y = 320; y <= 480; y += 20) await at('touchMove', [y]);
  await at('touchEnd', []);
}
