// What can be restored, to which moment, and by which rules it is measured.

import { expect, origin, signIn, test } from './people.mjs';

const typed = (at) => at.toISOString().slice(0, 19).replace('T', ' ');

test('a time is picked by the form, without a script', async ({ person }) => {
  const page = await person(undefined, { javaScriptEnabled: false });
  await signIn(page, 'viewer');
  await page.goto('/backups?kind=full');
  // An hour hence: refused in words. The demo is younger than any other time that could be sure here.
  await page.getByLabel('Time to restore to').fill(typed(new Date(Date.now() + 3_600_000)));
  await page.getByRole('button', { name: 'Show ways' }).click();
  await expect(page).toHaveURL(/kind=full.*at=/);
  await expect(page.locator('#restore-to')).toContainText('It lies in the future');
  await page.getByRole('link', { name: 'the newest restorable moment' }).click();
  const best = page.locator('#restore-to .way').first();
  await expect(best).toContainText('Not run by Muster');
  await expect(best.getByRole('region', { name: 'Command to run by hand' })).toContainText('--target-timeline=');
  await page.getByLabel('Time to restore to').fill('10/06/2026');
  await page.getByRole('button', { name: 'Show ways' }).click();
  await expect(page.getByLabel('Time to restore to')).toHaveAttribute('aria-invalid', 'true');
});

test('a time is picked by a click into the plot', async ({ person }) => {
  const page = await person('operator-a');
  await page.goto('/backups?range=1h');
  const plot = page.locator('#restorable .drawings');
  const { width, height } = await plot.boundingBox();
  await plot.click({ position: { x: width * 0.9, y: height / 2 } });
  await expect(page).toHaveURL(/range=1h&at=/);
  await expect(page.getByLabel('Time to restore to')).not.toHaveValue('');
  await expect(page.locator('#restorable svg:visible').first()).toContainText('restore to');
});

test('the policy lists sixteen rules, and one verdict at a time', async ({ person }) => {
  const page = await person('viewer');
  await page.goto('/backups');
  const policy = page.locator('#policy');
  await expect(policy.locator('tbody tr')).toHaveCount(16);
  const unset = policy.getByRole('link', { name: /^unset/ });
  const [, number] = (await unset.textContent()).match(/(\d+)/);
  await unset.click();
  await expect(policy.locator('tbody tr')).toHaveCount(Number(number));
  await expect(page).toHaveURL(/verdict=unset/);
});

test('the search finds by label and by source, and what it found can be sent on', async ({ person }) => {
  const page = await person('viewer');
  await page.goto('/backups');
  await page.getByLabel('Label, source or reason').fill('DUMPS');
  await page.getByRole('button', { name: 'Filter' }).click();
  await expect(page).toHaveURL(/text=DUMPS/);
  const rows = page.locator('#all tbody tr');
  await expect(rows.first()).toContainText('dump');
  await page.getByLabel('Label, source or reason').fill('no backup is called so');
  await page.getByRole('button', { name: 'Filter' }).click();
  await expect(page.locator('#all')).toContainText('No backup matches');
});

test('a source has a page with its history', async ({ person }) => {
  const page = await person('viewer');
  await page.goto('/');
  await page.locator('#sources').getByRole('link').first().click();
  await expect(page).toHaveURL(new RegExp(`^${origin}/sources/`));
  await expect(page.locator('#history')).toContainText('still');
  expect((await page.goto('/sources/nowhere')).status()).toBe(404);
});
