// The worst day beside the site under test: a third console of the demo deployment, whose configuration names a new cluster with nothing on it
// but a namespace and the connection string that people bring along.

import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, start, stop } from './programs.mjs';

const binary = process.env.MUSTER_BIN;
const api = process.env.KUBERNETES_API_BIN;
const image = `registry.example/ampora@sha256:${'a'.repeat(64)}`;
const key = 'KeyProtection__MasterKey';
const connection = 'ConnectionStrings__Ampora';

const overlay = {
  'kustomization.yaml': 'resources: [deployment.yaml, service.yaml]\n',
  'service.yaml': 'apiVersion: v1\nkind: Service\nmetadata: {name: ampora-web}\nspec: {selector: {app: ampora}, ports: [{name: http, port: 8080}]}\n',
  'deployment.yaml': `apiVersion: apps/v1
kind: Deployment
metadata: {name: ampora-web, namespace: ampora}
spec:
  replicas: 2
  selector: {matchLabels: {app: ampora}}
  template:
    metadata: {labels: {app: ampora}}
    spec:
      containers:
      - name: ampora-web
        image: ${image}
        env:
        - {name: AMPORA_AUTO_MIGRATE, value: '1'}
        - name: ${key}
          valueFrom: {secretKeyRef: {name: ampora-key, key: ${key}}}
        - name: ${connection}
          valueFrom: {secretKeyRef: {name: ampora-database, key: ${connection}}}
`,
};

// Folder and port of the demo's PostgreSQL.
function server(data) {
  const [, folder, port] = readFileSync(join(data, 'secrets/restore-url'), 'utf8').match(/@([^:/]+):(\d+)\//);
  return { folder: decodeURIComponent(folder), port };
}

function objects(data) {
  const password = readFileSync(join(data, 'secrets/ampora'), 'utf8');
  const text = `Host=gone.example;Port=5432;Database=ampora;Username=ampora;Password=${password}`;
  const secret = { [connection]: Buffer.from(text).toString('base64') };
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'ampora' } },
    { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'ampora-database', namespace: 'ampora' }, data: secret },
  ];
}

// What stands in the demo's configuration, and where the new cluster is.
function configuration(data, kubeconfig, folder) {
  const { folder: socket, port } = server(data);
  const text = readFileSync(join(data, 'muster.toml'), 'utf8');
  const seen = text.replace('[deployment.restore]\n', `[deployment.restore]\nampora_host = "${socket}:${port}"\nstart_within = "30s"\n`);
  return `${seen}
[deployment.kubernetes]
kubeconfig = "${kubeconfig}"
overlay = "${join(folder, 'overlay')}"

[[deployment.key_destination]]
name = "new-cluster"
manager = "kubernetes"
secret = "{name}"
field = "${key}"
`;
}

// Answers where the console is, and how it ends.
export async function worstDay() {
  if (!api) throw new Error('KUBERNETES_API_BIN names no kubernetes-api: run `make test`');
  const data = process.env.SITE_DATA;
  const folder = mkdtempSync(join(process.env.SITE_FOLDER, 'worst-day-'));
  // PostgreSQL runs as somebody else, and has to reach its own folder.
  chmodSync(folder, 0o711);
  const running = [];
  const end = async () => {
    for (const program of running.reverse()) await stop(program);
    rmSync(folder, { recursive: true, force: true });
  };
  const begin = async (...words) => {
    const program = start(...words);
    running.push(program);
    return (await program.ready)[1];
  };
  try {
    mkdirSync(join(folder, 'overlay'));
    for (const [name, text] of Object.entries(overlay)) writeFileSync(join(folder, 'overlay', name), text);
    writeFileSync(join(folder, 'objects.json'), JSON.stringify(objects(data)), { mode: 0o600 });
    const kubeconfig = await begin('api', folder, /ready (\S+)/, api, [folder, join(folder, 'objects.json')]);
    const origin = `http://127.0.0.1:${await freePort()}`;
    const issuer = await begin('provider', folder, /ready (\S+)/, process.execPath, ['oidc/provider.mjs'], {
      PORT: '0',
      REDIRECT_URIS: `${origin}/auth/callback`,
      POST_LOGOUT_URIS: `${origin}/`,
    });
    const config = join(folder, 'muster.toml');
    writeFileSync(config, configuration(data, kubeconfig, folder), { mode: 0o600 });
    const secret = join(folder, 'client-secret');
    writeFileSync(secret, 'muster-secret', { mode: 0o600 });
    await begin('console', folder, /Muster is ready: (\S+)/, binary, ['serve', '--config', config], {
      MUSTER__LISTEN: new URL(origin).host,
      MUSTER__PUBLIC_URL: origin,
      MUSTER__DATA_DIR: join(folder, 'console'),
      MUSTER__OIDC__ISSUER: issuer,
      MUSTER__OIDC__CLIENT_SECRET_FILE: secret,
    });
    return { origin, end };
  } catch (error) {
    await end();
    throw error;
  }
}
