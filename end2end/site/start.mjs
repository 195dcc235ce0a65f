// The site under test: a demo deployment, and beside it a second console that signs people in with the certified provider instead of the
// demo's own. Both are the real binary. Everything is on loopback, in a folder of its own, and ended by its process group.

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { answers, freePort, start, stop } from './programs.mjs';

const binary = process.env.MUSTER_BIN;
if (!binary) throw new Error('MUSTER_BIN names no muster: run `make test`');

export default async function site() {
  const folder = mkdtempSync(join(tmpdir(), 'muster-e2e-'));
  // Where the tests run as root, PostgreSQL runs as somebody else and has to reach its own folder.
  chmodSync(folder, 0o711);
  const running = [];
  const end = async () => {
    for (const program of running.reverse()) await stop(program);
    if (!process.env.KEEP_SITE) rmSync(folder, { recursive: true, force: true });
  };
  try {
    const [demoPort, port] = [await freePort(), await freePort()];
    const origin = `http://127.0.0.1:${port}`;
    const data = join(folder, 'demo');
    const provider = start('provider', folder, /ready (\S+)/, process.execPath, ['oidc/provider.mjs'], {
      PORT: '0',
      REDIRECT_URIS: `${origin}/auth/callback`,
      POST_LOGOUT_URIS: `${origin}/`,
    });
    running.push(provider);
    const [, issuer] = await provider.ready;
    const demo = start('demo', folder, /Muster is ready: (\S+)/, binary, [
      'demo',
      '--data-dir',
      data,
      '--listen',
      `127.0.0.1:${demoPort}`,
    ]);
    running.push(demo);
    const [, demoUrl] = await demo.ready;

    const secret = join(folder, 'client-secret');
    writeFileSync(secret, 'muster-secret', { mode: 0o600 });
    const console_ = start('console', folder, /Muster is ready: (\S+)/, binary, ['serve', '--config', join(data, 'muster.toml')], {
      MUSTER__LISTEN: `127.0.0.1:${port}`,
      MUSTER__PUBLIC_URL: origin,
      MUSTER__DATA_DIR: join(folder, 'console'),
      MUSTER__OIDC__ISSUER: issuer,
      MUSTER__OIDC__CLIENT_SECRET_FILE: secret,
    });
    running.push(console_);
    await Promise.race([answers(`${origin}/health/ready`), console_.ready]);

    Object.assign(process.env, {
      SITE_FOLDER: folder,
      SITE_DATA: data,
      SITE_ORIGIN: origin,
      SITE_DEMO: demoUrl.replace(/\/$/, ''),
      SITE_ISSUER: issuer,
      SITE_PIDS: running.map(({ child }) => child.pid).join(','),
    });
    return end;
  } catch (error) {
    await end();
    throw error;
  }
}
