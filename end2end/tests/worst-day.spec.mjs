// The worst day: one person asks to bring Ampora up on a new cluster, another agrees, it runs, and waits at each step that people do elsewhere
// until somebody says so. Who confirms has no script in the browser; who looks on is on a phone.

import AxeBuilder from '@axe-core/playwright';
import { worstDay } from '../site/worst-day.mjs';
import { asked, expect, test } from './people.mjs';

const database = 'ampora_after_the_worst_day';
const note = 'Seen to by the platform team, ticket 4711.';

// Something that a page only tells when it is asked again.
async function comes(page, what) {
  await expect(async () => {
    await page.reload();
    await what();
  }).toPass({ timeout: 60_000 });
}

const waitsFor = (page, step) => page.getByRole('form', { name: step });

async function confirm(page, step) {
  await comes(page, () => expect(waitsFor(page, step)).toBeVisible({ timeout: 500 }));
  await page.getByRole('textbox', { name: /What was done/ }).fill(note);
  await page.getByRole('button', { name: 'Confirm' }).click();
  await comes(page, () => expect(waitsFor(page, step)).toHaveCount(0, { timeout: 500 }));
}

// Nothing runs off, and axe finds nothing.
async function fits(page) {
  const wide = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
  expect(wide).toBeLessThanOrEqual(0);
  const { violations } = await new AxeBuilder({ page }).withTags(['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice']).analyze();
  expect(violations.map(({ id, nodes }) => `${id} ${nodes[0].html}`)).toEqual([]);
}

test('Ampora comes up on a new cluster, and waits for people where they have to act', async ({ person }) => {
  test.setTimeout(300_000);
  const { origin, end } = await worstDay();
  try {
    const here = { baseURL: origin };
    const a = await person('operator-a', here);
    const b = await person('operator-b', { ...here, javaScriptEnabled: false });
    const viewer = await person('viewer', { ...here, viewport: { width: 390, height: 844 }, colorScheme: 'dark' });

    await test.step('operator-a asks for it', async () => {
      await a.goto('/requests/new?kind=full-disaster');
      await a.getByRole('radio', { name: /^ampora-.*\.dump/ }).first().check();
      await a.getByRole('textbox', { name: 'New database' }).fill(database);
      await a.getByRole('radio', { name: /^2, the current one/ }).check();
      await fits(a);
      await a.getByRole('button', { name: 'Make the plan' }).click();
      const plan = a.getByRole('main');
      for (const told of ['ampora-key', 'one pod is started', 'nothing proves it', 'must not come back']) await expect(plan).toContainText(told);
      await a.getByRole('textbox', { name: /Reason/ }).fill('The region is gone.');
      await a.getByRole('button', { name: 'Request restore' }).click();
      await expect(a).toHaveURL(/\/requests\/\d+$/);
      await expect(a.getByRole('button', { name: 'Approve' })).toBeDisabled();
    });
    const request = a.url();

    await test.step('operator-b approves and runs it, without a script', async () => {
      await b.goto(request);
      await b.getByRole('button', { name: 'Approve' }).click();
      await b.getByRole('link', { name: 'Continue to sign in' }).click();
      await asked(b, 'operator-b');
      await expect(b).toHaveURL(request);
      await b.getByRole('button', { name: 'Run' }).click();
    });

    await test.step('it waits for the server’s certificate, and takes nobody’s word but an operator’s', async () => {
      await expect(waitsFor(a, /^Server TLS/)).toBeVisible({ timeout: 60_000 });
      await viewer.goto(request);
      await expect(viewer.getByRole('heading', { level: 1 })).toContainText('Waits for an operator');
      await expect(waitsFor(viewer, /^Server TLS/)).toBeInViewport();
      await expect(viewer.getByRole('button', { name: 'Confirm' })).toBeDisabled();
      await fits(viewer);
      const path = `${request}/confirm/server-tls`;
      const said = (page, step, from, text = note) =>
        page.request.post(path.replace('server-tls', step), { form: { note: text }, headers: { origin: from }, maxRedirects: 0 });
      expect((await said(viewer, 'server-tls', origin)).status()).toBe(403);
      expect((await said(viewer, 'nowhere', origin)).status()).toBe(403);
      expect((await said(b, 'server-tls', 'https://evil.example')).status()).toBe(403);
      expect((await said(b, 'public-name', origin)).status()).toBe(422);
      expect((await said(b, 'apply-manifests', origin)).status()).toBe(404);
      expect((await said(b, 'server-tls', origin, ' ')).status()).toBe(422);
      await comes(viewer, () => expect(waitsFor(viewer, /^Server TLS/)).toBeVisible({ timeout: 500 }));
    });

    await test.step('each step that is done elsewhere goes on by somebody’s word', async () => {
      await confirm(b, /^Server TLS/);
      await comes(b, () => expect(waitsFor(b, /^Settle what was revived/)).toBeVisible({ timeout: 500 }));
      await a.reload();
      await expect(a.getByRole('button', { name: 'Confirm' })).toBeDisabled();
      await expect(waitsFor(a, /^Settle what was revived/)).toContainText('You asked for this yourself');
      const open = b.getByRole('region', { name: /What it lost/ }).getByRole('button', { name: 'Done' });
      for (let left = await open.count(); left > 0; left -= 1) {
        await b.getByRole('textbox', { name: 'Note', exact: true }).first().fill('Looked at; nothing to undo.');
        await open.first().click();
        await expect(open).toHaveCount(left - 1);
      }
      await confirm(b, /^Settle what was revived/);
      await confirm(b, /^Public name/);
      await confirm(b, /^Agents back/);
    });

    await test.step('it ends, and says what nobody but people saw', async () => {
      for (const page of [a, viewer]) {
        await comes(page, () => expect(page.getByRole('heading', { level: 1 })).toContainText('Done', { timeout: 500 }));
        await expect(page.getByRole('main')).toContainText('Somebody’s word alone stands for: Server TLS, Public name, Agents back.');
        await expect(page.getByRole('region', { name: /What it lost/ })).toContainText('every line is settled');
        await fits(page);
      }
      await a.goto('/audit?action=run.confirm');
      await expect(a.getByRole('main')).toContainText('step agents-back');
      const again = await b.request.post(`${request}/confirm/agents-back`, { form: { note }, headers: { origin } });
      expect(again.status()).toBe(422);
    });
  } finally {
    await end();
  }
});
