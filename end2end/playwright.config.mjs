import { defineConfig } from '@playwright/test';

// Chromium comes from the system: nothing is downloaded. The flags keep it from talking to anybody but the site under test.
const launchOptions = {
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
};

export default defineConfig({
  testDir: 'tests',
  globalSetup: './site/start.mjs',
  // One site for all tests, and they change it: one after the other.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: 'list',
  use: { launchOptions, screenshot: 'only-on-failure', trace: 'off' },
});
