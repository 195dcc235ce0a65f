// The manager is behind: the key in use is written into it by two people, and a rotation is proposed until a proof shows it. Last of all
// tests: the manager is not behind any more.

import { asked, expect, test } from './people.mjs';

test('a manager that is behind is caught up, and the key that came in is to be rotated', async ({ person }) => {
  const [a, b] = [await person('operator-a'), await person('operator-b')];
  await a.goto('/keys');
  await a.getByRole('button', { name: 'Prove now' }).click();
  await expect(a.locator('#findings')).toContainText('key-behind', { timeout: 60_000 });
  await a.getByRole('button', { name: 'Request catch-up' }).first().click();
  await a.getByRole('button', { name: 'Make the plan' }).click();
  const digest = await a.locator('.digest').first().innerText();
  await a.getByRole('textbox', { name: /Reason/ }).fill('Nobody wrote the new key into the manager.');
  await a.getByRole('button', { name: 'Request catch-up' }).click();
  await expect(a).toHaveURL(/\/requests\/\d+$/);
  const request = a.url();

  await b.goto(request);
  expect(await b.locator('.digest').first().innerText()).toBe(digest);
  await b.getByRole('button', { name: 'Approve' }).click();
  await b.getByRole('link', { name: 'Continue to sign in' }).click();
  await asked(b, 'operator-b');

  await a.goto(request);
  await a.getByRole('button', { name: 'Run' }).click();
  await expect(a.getByRole('main')).toContainText('proven again', { timeout: 60_000 });
  await a.goto('/keys');
  await expect(a.getByRole('heading', { level: 1 })).toContainText('The secret manager is in step.');
  await expect(a.locator('#findings')).not.toContainText('key-behind');
  await expect(a.locator('#exposed')).toContainText('not rotated yet');
  await a.locator('#findings').getByRole('link', { name: /Evidence/ }).first().click();
  await expect(a).toHaveURL(/\/diagnostics\/key-exposed/);
  await expect(a.getByRole('main')).toContainText('Scale Ampora to 0');
});
