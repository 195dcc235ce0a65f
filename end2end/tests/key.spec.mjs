// A key is retrieved by two people, shown once, and found nowhere else.

import { execFileSync } from 'node:child_process';
import { readFileSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { asked, expect, test } from './people.mjs';

const data = process.env.SITE_DATA;
const keyOf = (version) => readFileSync(join(data, 'keys', `${version}.key`), 'utf8').trim();

// Everything that must not get out: keys in all usual forms, and passwords.
function secrets() {
  const keys = [keyOf('1'), keyOf('2'), readFileSync(join(data, 'ampora.env'), 'utf8').match(/KeyProtection__MasterKey=["']?([^"'\n]+)/)[1]];
  const forms = keys.flatMap((key) => {
    const bytes = Buffer.from(key, 'base64');
    return [key, bytes.toString('hex'), bytes.toString('base64url'), encodeURIComponent(key)];
  });
  const passwords = ['reader-url', 'restore-url'].map((name) => {
    const url = readFileSync(join(data, 'secrets', name), 'utf8').trim();
    return url.match(/:\/\/[^:]+:([^@]+)@/)[1];
  });
  return [...forms, ...passwords];
}

function* files(folder) {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const stat = statSync(path, { throwIfNoEntry: false });
    if (stat?.isDirectory()) yield* files(path);
    else if (stat?.isFile()) yield path;
  }
}

// Every byte that Muster itself has written, and every process's arguments.
function everythingElse() {
  const own = [...files(join(process.env.SITE_FOLDER, 'console')), ...files(join(data, 'muster'))];
  const logs = readdirSync(process.env.SITE_FOLDER).filter((name) => name.endsWith('.log')).map((name) => join(process.env.SITE_FOLDER, name));
  const texts = [...own, ...logs].map((path) => [path, readFileSync(path).toString('latin1')]);
  texts.push(['ps', execFileSync('ps', ['-eo', 'args', 'ww'], { encoding: 'utf8' })]);
  return texts;
}

test('a key is shown once to its requester and is found nowhere else', async ({ person }) => {
  const a = await person('operator-a');
  await a.goto('/requests/new?kind=retrieve-key&deployment=demo&version=2&step=plan');
  await a.getByRole('textbox', { name: /Reason/ }).fill('The cluster is gone.');
  await a.getByRole('button', { name: 'Request key' }).click();
  await expect(a).toHaveURL(/\/requests\/\d+$/);
  const request = a.url();

  const b = await person('operator-b');
  await b.goto(request);
  await b.getByRole('button', { name: 'Approve' }).click();
  await b.getByRole('link', { name: 'Continue to sign in' }).click();
  await asked(b, 'operator-b');
  await expect(b.getByRole('main')).toContainText('approved');

  await a.goto(request);
  await a.getByRole('button', { name: 'Run' }).click();
  await a.getByRole('link', { name: 'Continue to sign in' }).click();
  await asked(a, 'operator-a');
  await expect(a).toHaveURL(/\/reveal\//);
  const shown = a.waitForResponse((response) => response.request().method() === 'POST' && /\/reveal\//.test(response.url()));
  await a.getByRole('button', { name: 'Show key' }).click();
  const response = await shown;
  expect(response.headers()['cache-control']).toContain('no-store');
  await expect(a.locator('#key')).toHaveText(keyOf('2'));

  await test.step('what comes after “back” doesn’t show it again', async () => {
    await a.goBack();
    expect(await a.content()).not.toContain(keyOf('2'));
    await a.goto(request);
    expect(await a.content()).not.toContain(keyOf('2'));
    await expect(a.getByRole('main')).toContainText('consumed');
  });

  await test.step('no log, row, argument or page holds a secret', async () => {
    const pages = [];
    for (const path of ['/', '/backups', '/keys', '/requests', '/audit', new URL(request).pathname, `${new URL(request).pathname}/plan.json`]) {
      pages.push([path, await (await b.request.get(path)).text()]);
    }
    for (const [where, text] of [...everythingElse(), ...pages]) {
      for (const secret of secrets()) expect(text.includes(secret), `${where} holds a secret`).toBe(false);
    }
  });
});
