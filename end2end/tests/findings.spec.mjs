// A finding's page: its commands are copied by a button where there is a script, and by one click and the keyboard where there is none; its
// link opens a form that is filled in. The demo's manager is one rotation behind.

import { expect, test } from '@playwright/test';

const FINDING = '/diagnostics/key-behind?deployment=demo';

async function finding(browser, options) {
  const context = await browser.newContext({ baseURL: process.env.SITE_DEMO, ...options });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'operator-a', exact: true }).click();
  // The demo proves its key within its first moments.
  await expect(async () => {
    await page.goto(FINDING);
    await expect(page.getByRole('region', { name: 'Recovery' })).toContainText('kubectl', { timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  return { context, page };
}

test('with a script each command has a button that copies it', async ({ browser }) => {
  const { context, page } = await finding(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  const recovery = page.getByRole('region', { name: 'Recovery' });
  const commands = recovery.locator('details');
  const number = await commands.count();
  expect(number).toBeGreaterThan(2);
  for (let index = 0; index < number; index += 1) {
    const command = commands.nth(index);
    const printed = await command.locator('pre').textContent();
    await command.getByRole('button', { name: /^Copy/ }).click();
    await expect(async () => {
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(printed);
    }).toPass();
  }
  await context.close();
});

test('without a script there is no dead button, and one click selects a command', async ({ browser }) => {
  const { context, page } = await finding(browser, { javaScriptEnabled: false });
  const recovery = page.getByRole('region', { name: 'Recovery' });
  await expect(recovery.getByRole('button', { name: /^Copy/ })).toHaveCount(0);
  for (const command of await recovery.locator('pre').all()) {
    await expect(command).toBeVisible();
    await expect(command).toHaveCSS('user-select', 'all');
  }
  // The link needs no script either: it leads to the form of its cure.
  await recovery.getByRole('link', { name: 'Request catch-up' }).click();
  await expect(page.locator('input[name="kind"]')).toHaveValue('key-catch-up');
  await expect(page.locator('input[name="deployment"]')).toHaveValue('demo');
  await context.close();
});
