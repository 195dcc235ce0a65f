// Agents on the restored copy: two people let drills hand the key to the demo's stand-in for Ampora, a drill lets an agent visit it, and
// once the approval is taken back no drill does.

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { rehearse, setKeyRight } from './drilling.mjs';
import { asked, expect, test } from './people.mjs';

const row = (page, name) => page.getByRole('row', { name });

async function request(page) {
  await page.goto('/requests/new?kind=drill-with-key');
  await page.getByRole('textbox', { name: 'For how many days' }).fill('7');
  await page.getByRole('button', { name: 'Make the plan' }).click();
  await expect(page.getByRole('main')).toContainText('a stand-in for Ampora');
  await page.getByRole('textbox', { name: /Reason/ }).fill('The drill of the browser test.');
  await page.getByRole('button', { name: 'Request the approval' }).click();
  await expect(page).toHaveURL(/\/requests\/\d+$/);
  return page.url();
}

test('two people let drills hand over the key, and one of them takes it back', async ({ person }) => {
  test.setTimeout(420_000);
  const [a, b] = [await person('operator-a'), await person('operator-b')];
  const undo = setKeyRight();
  try {
    const approval = await request(a);
    await expect(a.getByRole('button', { name: 'Approve' })).toBeDisabled();

    await test.step('operator-b agrees', async () => {
      await b.goto(approval);
      await b.getByRole('button', { name: 'Approve' }).click();
      await b.getByRole('link', { name: 'Continue to sign in' }).click();
      await asked(b, 'operator-b');
      await expect(b).toHaveURL(approval);
      await expect(b.getByRole('main')).toContainText('stands for the next');
      await expect(b.getByRole('button', { name: 'Run' })).toHaveCount(0);
    });

    await test.step('a drill lets an agent in, and says what served it', async () => {
      await expect(await rehearse(a)).toContainText('Passed.');
      await expect(row(a, /an agent connects/)).toContainText('let in by a stand-in for Ampora');
      await expect(row(a, /A rollout is acknowledged/)).toContainText('ok');
      await expect(a.getByRole('main')).toContainText('Ampora itself');
      const download = a.waitForEvent('download');
      await a.getByRole('link', { name: 'Download receipt' }).first().click();
      const file = await (await download).path();
      const key = join(process.env.SITE_FOLDER, 'console/receipt-key.pem.pub');
      const said = execFileSync(process.env.MUSTER_BIN, ['receipt', 'verify', file, '--key', key], { encoding: 'utf8' });
      expect(said).toMatch(/^ok: signed by/);
    });

    await test.step('operator-b takes it back, and the next drill hands nothing over', async () => {
      await b.goto(approval);
      await b.getByRole('button', { name: 'Revoke' }).click();
      await expect(b.getByRole('button', { name: 'Revoke' })).toHaveCount(0);
      await expect(await rehearse(a)).toContainText('Passed.');
      await expect(row(a, /an agent connects/)).toContainText('two people have to agree');
      await a.goto('/audit');
      await expect(a.getByRole('main')).toContainText('request.revoke');
      await expect(a.getByText('drill.hand-over-key')).toHaveCount(1);
    });
  } finally {
    undo();
  }
});
