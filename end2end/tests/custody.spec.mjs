// A key leaves on its two other ways: as two sealed shares, and into a place where nothing was.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asked, expect, test } from './people.mjs';

const keyOf = (version) => readFileSync(join(process.env.SITE_DATA, 'keys', `${version}.key`), 'utf8').trim();
// X25519 recipients of age; nobody here has to open what is sealed to them.
const recipients = [
  'age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p',
  'age1lvyvwawkr0mcnnnncaghunadrqkmuf9e6507x9y920xxpp866cnql7dp2z',
];

// From the form over the plan to a request that somebody else agreed to; the digest is the same on all three pages.
async function agreed(a, b, fill) {
  await fill(a);
  await a.getByRole('button', { name: 'Make the plan' }).click();
  const digest = await a.locator('.digest').first().innerText();
  await a.getByRole('textbox', { name: /Reason/ }).fill('The region is gone.');
  await a.getByRole('button', { name: 'Request key' }).click();
  await expect(a).toHaveURL(/\/requests\/\d+$/);
  await b.goto(a.url());
  expect(await b.locator('.digest').first().innerText()).toBe(digest);
  await b.getByRole('button', { name: 'Approve' }).click();
  await b.getByRole('link', { name: 'Continue to sign in' }).click();
  await asked(b, 'operator-b');
  await expect(b.getByRole('main')).toContainText('approved');
  await a.reload();
  return a.url();
}

test('two people get a share each, and no page keeps one', async ({ person }) => {
  const [a, b] = [await person('operator-a'), await person('operator-b')];
  const request = await agreed(a, b, async (page) => {
    await page.goto('/requests/new?kind=retrieve-key&deployment=demo&version=2');
    await page.getByRole('link', { name: 'As two sealed shares' }).click();
    await page.getByRole('textbox', { name: /Recipient of share 1/ }).fill(recipients[0]);
    await page.getByRole('textbox', { name: /Recipient of share 2/ }).fill(recipients[1]);
  });
  await a.getByRole('button', { name: 'Run' }).click();
  await a.getByRole('link', { name: 'Continue to sign in' }).click();
  await asked(a, 'operator-a');
  await a.getByRole('main').getByRole('button').click();
  for (const share of ['#share-1', '#share-2']) await expect(a.locator(share)).toContainText('BEGIN AGE ENCRYPTED FILE');
  expect(await a.content()).not.toContain(keyOf('2'));
  await a.goto(request);
  await expect(a.getByRole('main')).toContainText('consumed');
  expect(await a.content()).not.toContain('BEGIN AGE ENCRYPTED FILE');
  await expect(a.getByRole('main')).toContainText('two sealed shares');
});

test('a key is put into a new place, and the Keys page says who has it', async ({ person }) => {
  const [a, b] = [await person('operator-a'), await person('operator-b')];
  const request = await agreed(a, b, async (page) => {
    await page.goto('/requests/new?kind=retrieve-key&deployment=demo&version=2');
    await page.getByRole('link', { name: 'Into a new place' }).click();
    await page.getByRole('textbox', { name: /Name of the new place/ }).fill('browser-test');
  });
  await a.getByRole('button', { name: 'Run' }).click();
  await expect(a.getByRole('main')).toContainText('was read back', { timeout: 60_000 });
  expect(readFileSync(join(process.env.SITE_DATA, 'standby-browser-test/1.key'), 'utf8').trim()).toBe(keyOf('2'));
  await a.goto('/keys');
  const left = a.getByRole('region', { name: 'Keys that left' });
  await expect(left).toContainText('was put into');
  await expect(left.getByRole('link', { name: `request ${request.split('/').pop()}`, exact: true })).toBeVisible();
  expect(await a.content()).not.toContain(keyOf('2'));
});
