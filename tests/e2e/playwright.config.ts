import { defineConfig } from '@playwright/test';
import type { Options } from './harness';

// One worker: one Chromium, one world of processes at a time, on a machine with two cores.
export default defineConfig<object, Options>({
  testDir: 'journeys',
  workers: 1,
  fullyParallel: false,
  forbidOnly: true,
  // On a shared CI machine a journey may lose a race with the machine itself; one that loses twice is broken, and one
  // that needed the second try is told as flaky.
  retries: process.env.CI ? 1 : 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  reporter: [['list']],
  outputDir: '../../.run/e2e/results',
  use: {
    locale: 'zh-CN',
    timezoneId: 'Asia/Shanghai',
    actionTimeout: 10_000,
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
      args: [
        '--no-sandbox',
        '--disable-gpu',
        '--disable-quic',
        '--no-first-run',
        '--disable-background-networking',
        '--disable-component-update',
        '--disable-sync',
      ],
    },
  },
  projects: [
    { name: 'sqlite', use: { variant: 'sqlite' }, testIgnore: '**/nodes.spec.ts' },
    { name: 'postgres', use: { variant: 'postgres' }, testIgnore: '**/shipped.spec.ts' },
  ],
});
