// What tests of drills share.

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from './people.mjs';

const keys = join(process.env.SITE_DATA, 'keys');

// Puts the key that Ampora runs with into the manager, as its current version. Answers how to undo that.
export function setKeyRight() {
  const environment = readFileSync(join(process.env.SITE_DATA, 'ampora.env'), 'utf8');
  const [, key] = environment.match(/KeyProtection__MasterKey=["']?([^"'\n]+)/);
  const before = readFileSync(join(keys, 'current'), 'utf8');
  writeFileSync(join(keys, '9.key'), key, { mode: 0o600 });
  writeFileSync(join(keys, 'current'), '9\n');
  return () => {
    writeFileSync(join(keys, 'current'), before);
    rmSync(join(keys, '9.key'));
  };
}

// Starts a drill and waits for its verdict, which comes by itself: nobody reloads.
export async function rehearse(page) {
  await page.goto('/drills');
  await page.getByRole('button', { name: 'Start drill' }).click();
  await expect(page).toHaveURL(/\/drills\/[0-9a-f-]{36}$/);
  const verdict = page.getByRole('heading', { level: 1 });
  await expect(verdict).toContainText(/(Passed|Failed|Environment broken)\./, { timeout: 180_000 });
  return verdict;
}
