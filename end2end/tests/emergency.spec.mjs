// The Overview of a deployment in which something is broken: the demo's key is one rotation behind.

import AxeBuilder from '@axe-core/playwright';
import { expect, test } from '@playwright/test';

async function overview(browser, options) {
  const context = await browser.newContext({ baseURL: process.env.SITE_DEMO, ...options });
  const page = await context.newPage();
  await page.goto('/');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('button', { name: 'operator-a', exact: true }).click();
  // The demo proves its key within its first moments.
  await expect(async () => {
    await page.goto('/');
    await expect(page.getByRole('region', { name: 'Ways back' })).toContainText('pg_restore', { timeout: 1_000 });
  }).toPass({ timeout: 60_000 });
  return { context, page };
}

test('first aid, ways back and people stand in this order, with commands that can be copied', async ({ browser }) => {
  const { context, page } = await overview(browser, { permissions: ['clipboard-read', 'clipboard-write'] });
  const headings = await page.getByRole('heading', { level: 2 }).allTextContents();
  const places = ['First aid', 'Ways back', 'Who can approve now'].map((title) => headings.indexOf(title));
  expect(places.every((place, index) => place >= 0 && (index === 0 || place > places[index - 1])), headings.join()).toBe(true);

  const aid = page.getByRole('region', { name: 'First aid' });
  await expect(aid).toContainText('expire-auto=n');
  await expect(aid).toContainText(/still writes|Nothing was seen to write|not known/);
  const back = page.getByRole('region', { name: 'Ways back' });
  await expect(back.getByRole('row')).not.toHaveCount(0);
  await expect(back).toContainText('pg_restore --exit-on-error');
  const best = back.locator('details.way[open]');
  await expect(best).toHaveCount(1);
  const copied = [];
  for (const button of await best.getByRole('button', { name: /^Copy/ }).all()) {
    await button.click();
    copied.push(await page.evaluate(() => navigator.clipboard.readText()));
  }
  expect(copied.some((command) => /pg_restore|pgbackrest/.test(command)), copied.join('\n')).toBe(true);

  const people = page.getByRole('region', { name: 'Who can approve now' });
  await expect(people.getByRole('link', { name: '+41 00 000 00 01' })).toHaveAttribute('href', 'tel:+41000000001');
  await expect(people).toContainText('here now');
  await context.close();
});

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing and nothing runs off, ${colorScheme}`, async ({ browser }) => {
    const { context, page } = await overview(browser, { colorScheme, viewport: { width: 320, height: 700 } });
    const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
    expect(violations.map(({ id, nodes }) => `${id} ${nodes[0].html}`)).toEqual([]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide).toBeLessThanOrEqual(0);
    await context.close();
  });
}
