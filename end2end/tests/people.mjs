// People at the console: each with a browser profile of their own.

import { test as base, expect } from '@playwright/test';

export const origin = process.env.SITE_ORIGIN;
export { expect };

// A page on which nothing may go wrong unseen: console errors and reports of the content security policy fail the test.
async function watched(context) {
  const page = await context.newPage();
  const complaints = [];
  page.on('console', (message) => {
    // A page that answers 4xx or 5xx on purpose is reported by the browser as a failed load.
    if (message.type() === 'error' && !/Failed to load resource/.test(message.text())) complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(String(error)));
  return { page, complaints };
}

// `person(name, options)` signs somebody in and gives their page.
export const test = base.extend({
  person: async ({ browser }, use) => {
    const open = [];
    await use(async (name, options = {}) => {
      const context = await browser.newContext({ baseURL: origin, ...options });
      const { page, complaints } = await watched(context);
      open.push({ name, context, complaints });
      if (name) await signIn(page, name);
      return page;
    });
    for (const { name, context, complaints } of open) {
      await context.close();
      expect(complaints, `what the browser of ${name ?? 'a stranger'} complained about`).toEqual([]);
    }
  },
});

// Through the sign-in page and the provider, by one button each.
export async function signIn(page, name) {
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await asked(page, name);
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
}

// The provider asks who is there.
export async function asked(page, name) {
  await page.getByRole('button', { name, exact: true }).click();
}
