// The whole story: one person asks for a restore, another agrees, it happens, and the log tells it.

import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { asked, expect, test } from './people.mjs';

const database = 'copy_for_the_browser_test';

// Asks the demo's PostgreSQL, with the role that Muster reads by. The password travels in the environment, as everywhere.
function psql(name, sql) {
  const url = readFileSync(join(process.env.SITE_DATA, 'secrets/reader-url'), 'utf8').trim();
  const [, user, password, rest] = url.match(/^(postgres(?:ql)?:\/\/[^:]+):([^@]+)(@.*)$/);
  const target = user + rest.replace(/\/ampora(?=$|\?)/, `/${name}`);
  const options = { encoding: 'utf8', env: { ...process.env, PGPASSWORD: password } };
  return execFileSync('psql', ['--no-psqlrc', '--tuples-only', '--no-align', target, '--command', sql], options).trim();
}

// Tables that nothing writes to while the demo runs: equal to the last row, or it isn't the same database.
const still = ['tenants', 'users', 'agents', 'agent_certificates', 'ca_signing_keys', 'git_config_sources', 'federation_peers', '"__EFMigrationsHistory"'];

async function makePlan(page) {
  await page.goto('/requests');
  await page.getByRole('button', { name: 'New request' }).click();
  await page.getByRole('textbox', { name: 'New database' }).fill(database);
  await page.getByRole('button', { name: 'Make the plan' }).click();
  await expect(page.getByRole('button', { name: 'Request restore' })).toBeVisible();
}

test('two people restore a dump, and nobody does it alone', async ({ person }) => {
  const a = await person('operator-a');
  await test.step('the Overview says that the key is one rotation behind', async () => {
    await a.goto('/');
    await expect(a.getByRole('heading', { level: 1 })).toContainText('demo');
    await expect(a.getByRole('main')).toContainText(/manager doesn’t have it|one rotation behind|stay locked/);
  });

  await test.step('operator-a asks for a restore', async () => {
    await makePlan(a);
    await a.getByRole('textbox', { name: /Reason/ }).fill('The story of the browser test.');
    await a.getByRole('button', { name: 'Request restore' }).click();
    await expect(a).toHaveURL(/\/requests\/\d+$/);
    await expect(a.getByRole('main')).toContainText('pending');
  });
  const request = a.url();

  await test.step('and may not approve it', async () => {
    await expect(a.getByRole('button', { name: 'Approve' })).toBeDisabled();
    await expect(a.getByRole('main')).toContainText('Own request');
    const forced = await a.request.post(`${request}/approve`, { form: { note: 'me' }, headers: { origin: process.env.SITE_ORIGIN } });
    expect(forced.status()).toBe(409);
    expect(await forced.text()).toContain('Own request');
  });

  const b = await person('operator-b');
  await test.step('operator-b reads the same digest and approves by a login of its own', async () => {
    await b.goto(request);
    const digest = await a.locator('.digest').first().innerText();
    expect(await b.locator('.digest').first().innerText()).toBe(digest);
    await b.getByRole('textbox', { name: /Note/ }).fill('Looks right.');
    await b.getByRole('button', { name: 'Approve' }).click();
    await expect(b).toHaveURL(/\/requests\/\d+\/sign\//);
    await b.getByRole('link', { name: 'Continue to sign in' }).click();
    await asked(b, 'operator-b');
    await expect(b).toHaveURL(request);
    await expect(b.getByRole('main')).toContainText('approved');
  });

  await test.step('it runs, step by step, to the end', async () => {
    await b.getByRole('button', { name: 'Run' }).click();
    await expect(b.getByRole('main')).toContainText('succeeded', { timeout: 60_000 });
    await expect(a.getByRole('main')).toContainText('succeeded', { timeout: 20_000 });
    await expect(b.getByRole('main')).toContainText(/opens \d+ of \d+ envelopes/);
  });

  await test.step('the new database has the rows that the run counted', async () => {
    for (const table of still) {
      const rows = psql(database, `SELECT count(*) FROM ${table}`);
      expect(Number(rows), table).toBeGreaterThan(0);
      expect(psql('ampora', `SELECT count(*) FROM ${table}`), table).toBe(rows);
    }
    expect(Number(psql(database, 'SELECT count(*) FROM audit_events'))).toBeGreaterThan(100);
  });

  await test.step('a second use is refused', async () => {
    const again = await b.request.post(`${request}/run`, { headers: { origin: process.env.SITE_ORIGIN } });
    expect(again.status()).toBe(409);
    expect(await again.text()).toContain('consumed');
  });

  await test.step('every step is in Audit, and the export verifies', async () => {
    await b.goto('/audit');
    for (const act of ['request.create', 'request.approve', 'run.start', 'run.step', 'run.end']) {
      await expect(b.getByRole('main')).toContainText(act);
    }
    await expect(b.getByRole('main')).toContainText('refused');
    const download = b.waitForEvent('download');
    await b.getByRole('button', { name: 'Export' }).click();
    const file = await (await download).path();
    expect(existsSync(file)).toBe(true);
    const verified = execFileSync(process.env.MUSTER_BIN, ['audit', 'verify', file], { encoding: 'utf8' });
    expect(verified).toMatch(/internal consistency/);
  });
});
