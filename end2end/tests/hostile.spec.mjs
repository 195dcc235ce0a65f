// What strangers and other sites can do: nothing.

import { asked, expect, origin, test } from './people.mjs';

const posts = ['/requests', '/requests/1/approve', '/requests/1/reject', '/requests/1/withdraw', '/requests/1/run', '/keys/prove', '/auth/sign-out'];

test('a form from another site is refused everywhere', async ({ person }) => {
  const page = await person('operator-a');
  for (const path of posts) {
    for (const headers of [{ origin: 'https://evil.example' }, { origin: 'null' }, {}]) {
      const answer = await page.request.post(path, { form: { note: 'x' }, headers });
      expect(answer.status(), `${path} ${JSON.stringify(headers)}`).toBe(403);
    }
  }
  await page.goto('/');
  await expect(page.getByRole('button', { name: 'Sign out' })).toBeVisible();
});

test('a signed-out cookie is worth nothing', async ({ person, playwright }) => {
  const page = await person('operator-a');
  const cookies = await page.context().cookies();
  await page.getByRole('button', { name: 'Sign out' }).click();
  const stolen = await playwright.request.newContext({ baseURL: origin, storageState: { cookies, origins: [] } });
  const answer = await stolen.get('/keys', { maxRedirects: 0 });
  expect(answer.status()).toBe(303);
  expect(answer.headers().location).toContain('/sign-in');
  await stolen.dispose();
});

test('a hostile name and a hostile address get an answer', async ({ person }) => {
  const page = await person('operator-a');
  const hostile = encodeURIComponent('"; drop database ampora; --');
  await page.goto(`/requests/new?kind=restore-dump&deployment=demo&step=plan&source=dumps&backup=${hostile}&database=${hostile}`);
  await expect(page.getByRole('main')).toContainText(/1 to 63|no dump/);
  const script = encodeURIComponent('<script>alert(1)</script>');
  for (const path of [`/backups?text=${script}`, `/requests?text=${script}`, `/audit?person=${script}`, `/${script}`, `/requests/${script}`]) {
    const answer = await page.goto(path);
    expect(answer.status()).toBeLessThan(500);
    expect(await page.content()).not.toContain('<script>alert');
  }
  const elsewhere = await person();
  await elsewhere.goto('/sign-in?return_to=https://evil.example');
  await elsewhere.getByRole('button', { name: 'Sign in' }).click();
  await asked(elsewhere, 'viewer');
  await expect(elsewhere).toHaveURL(`${origin}/`);
});
