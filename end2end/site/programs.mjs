// Programs of a site under test: each with a log of its own, ready when it says so, and ended by its process.

import { spawn } from 'node:child_process';
import { openSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';

export async function freePort() {
  const server = createServer();
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}

// Starts a program; resolves with the first line of its output that matches. Its output goes to a file, which an error quotes.
export function start(name, folder, pattern, command, args, env = {}) {
  const log = join(folder, `${name}.log`);
  const error = openSync(log, 'a');
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['pipe', 'pipe', error] });
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

export function stop({ child }, signal = 'SIGTERM') {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((ended) => child.once('exit', ended));
  child.kill(signal);
  return gone;
}

export async function answers(url) {
  for (let tries = 0; tries < 300; tries += 1) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
    await new Promise((later) => setTimeout(later, 200));
  }
  throw new Error(`${url} does not answer`);
}
