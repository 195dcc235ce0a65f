// The site under test: a demo deployment, and beside it a second console that signs people in with the certified provider instead of the
// demo's own. Both are the real binary. Everything is on loopback, in a folder of its own, and ended by its process group.

import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const binary = process.env.MUSTER_BIN;
if (!binary) throw new Error('MUSTER_BIN names no muster: run `make test`');

async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

// Starts a program; resolves with the first line of its output that matches. Its output goes to a file, which an error quotes.
function start(name, folder, pattern, command, args, env = {}) {
  const log = join(folder, `${name}.log`);
  const error = openSync(log, 'a');
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', error] });
  const ready = new Promise((found, failed) => {
    const fail = (why) => failed(new Error(`${name} ${why}:\n${readFileSync(log, 'utf8').slice(-4000)}`));
    const late = setTimeout(() => fail('is not ready after 90 s'), 90_000);
    let text = '';
    child.stdout.on('data', (bytes) => {
      writeFileSync(log, bytes, { flag: 'a' });
      text += bytes;
      const match = text.match(pattern);
      if (match) clearTimeout(late), found(match);
    });
    child.on('exit', (code) => (clearTimeout(late), fail(`ended with ${code}`)));
  });
  return { child, ready };
}

function stop({ child }, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((ended) => child.once('exit', ended));
  child.kill(signal);
  return gone;
}

async function answers(url) {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((later) => setTimeout(later, 200));
  }
  throw new Error(`${url} does not answer`);
}

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
