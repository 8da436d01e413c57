import { expect, test } from '../harness';
import { Manager } from '../people/manager';
import { Payer } from '../people/payer';

const MOST = 12;

test('a payment appears within a second, whichever node took the callback', async ({ browser, world }) => {
  const manager = await Manager.arrive(browser, world.url);
  await manager.login(await world.admin.newManager());
  const url = await manager.openCode();
  const payer = await Payer.arrive(browser, 'wechat', world.sandbox);
  const callbacks = (): number[] =>
    (world.nginx?.passed() ?? []).filter(({ path }) => path.startsWith('/callback/')).map(({ node }) => node);
  const earlier = callbacks().length;

  for (let fen = 1; fen <= MOST && new Set(callbacks().slice(earlier)).size < 2; fen++) {
    const amount = `3.${String(fen).padStart(2, '0')}`;
    await payer.open(url);
    await payer.fill(amount, { payer_name: '吴越' });
    const before = await world.sandbox.acknowledged();
    const shown = manager
      .at('live-banner')
      .filter({ hasText: amount })
      .waitFor()
      .then(() => Date.now());
    await payer.press();
    const uncommitted = await world.sandbox.lastUnacknowledged(before);
    expect((await shown) - uncommitted).toBeLessThan(1000);
    await payer.expectReceipt();
  }
  expect(new Set(callbacks().slice(earlier)).size, 'both nodes took callbacks').toBe(2);
});
