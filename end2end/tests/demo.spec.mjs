// What `make run` shows: the demo with its own identity provider.

import { expect, test } from '@playwright/test';

test('the demo signs its accounts in by one button each', async ({ browser }) => {
  const page = await (await browser.newContext({ baseURL: process.env.SITE_DEMO })).newPage();
  await page.goto('/keys');
  await expect(page).toHaveURL(/\/sign-in/);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'auditor', exact: true }).click();
  await expect(page).toHaveURL(/\/keys$/);
  await expect(page.getByRole('main')).toContainText(/0 of \d+/);
  await page.context().close();
});
