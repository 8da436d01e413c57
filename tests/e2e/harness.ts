// What every journey stands on: a world of its own variant, and pictures for the manual where they are asked for.
import { join } from 'node:path';
import { test as base, type Page } from '@playwright/test';
import { ROOT, type Variant, World } from './world/world';

export interface Options {
  /** SQLite and one node, or PostgreSQL and two nodes behind nginx. */
  variant: Variant;
  /** Files that move the clock give their world a name of its own, so that nobody else lives in their future. */
  label: string;
}

interface Worker extends Options {
  world: World;
}

interface Each {
  /** Keeps a picture for the manual, with MOTT_SHOTS=1 and on the first variant only. */
  shot(page: Page, name: string): Promise<void>;
}

export const test = base.extend<Each, Worker>({
  variant: ['sqlite', { option: true, scope: 'worker' }],
  label: ['shared', { option: true, scope: 'worker' }],
  world: [
    async ({ variant, label }, use) => {
      const world = await World.start(variant, label);
      await use(world);
      try {
        // Whatever the journeys did, failed or not: the books balance.
        await world.check();
      } finally {
        await world.stop();
      }
    },
    { scope: 'worker', timeout: 90_000 },
  ],
  shot: async ({ variant }, use) => {
    await use(async (page, name) => {
      if (process.env.MOTT_SHOTS !== '1' || variant !== 'sqlite') return;
      await page.screenshot({ path: join(ROOT, 'docs/manual/img', `${name}.png`), animations: 'disabled' });
    });
  },
});

export { expect } from '@playwright/test';
