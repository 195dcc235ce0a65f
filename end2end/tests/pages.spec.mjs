// Every page, by every means: for a screen reader, without a script, at night, on a phone.

import AxeBuilder from '@axe-core/playwright';
import { asked, expect, origin, signIn, test } from './people.mjs';

const paths = ['/', '/backups', '/backups?at=2026-01-01', '/sources/dumps', '/keys', '/drills', '/requests', '/requests/new', '/requests/new?kind=retrieve-key', '/drills/compare', '/audit'];

for (const colorScheme of ['light', 'dark']) {
  test(`axe finds nothing, ${colorScheme}`, async ({ person }) => {
    const page = await person('operator-a', { colorScheme });
    for (const path of paths) {
      await page.goto(path);
      const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
      expect(violations.map(({ id, nodes }) => `${path}: ${id} ${nodes[0].html}`)).toEqual([]);
    }
  });
}

test('nothing runs off a narrow screen', async ({ person }) => {
  const page = await person('operator-a', { viewport: { width: 320, height: 700 } });
  for (const path of paths) {
    await page.goto(path);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    expect(wide, path).toBeLessThanOrEqual(0);
  }
});

test('pages are complete without a script', async ({ person }) => {
  const page = await person(undefined, { javaScriptEnabled: false });
  await signIn(page, 'viewer');
  for (const path of paths.slice(0, 7)) {
    await page.goto(path);
    await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
    await expect(page.getByRole('main')).not.toContainText('Loading');
  }
});

test('open pages follow what happens', async ({ person }) => {
  const page = await person('operator-a');
  await page.goto('/');
  await expect(page.getByText('live', { exact: true })).toBeVisible();
});

test('a viewer reads and no more', async ({ person }) => {
  const page = await person('viewer');
  const audit = await page.goto('/audit');
  expect(audit.status()).toBe(403);
  await expect(page.getByRole('main')).toContainText('auditor');
  const create = await page.request.post('/requests', {
    form: { kind: 'retrieve-key', deployment: 'demo', version: '2', digest: '0'.repeat(64) },
    headers: { origin },
  });
  expect(create.status()).toBe(403);
});

test('who has no role is told so, and gets no session', async ({ person }) => {
  const page = await person();
  await page.goto('/backups');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await asked(page, 'nobody');
  await expect(page.getByRole('heading', { level: 1 })).toBeVisible();
  await page.goto('/backups');
  await expect(page).toHaveURL(/\/sign-in/);
});
