// A certified OpenID Connect provider (panva/oidc-provider) for tests: the browser tests sign in with it, and the Rust tests of
// crates/adapters drive it by hand. Listens on loopback only. Keys are made anew at each start, so a restart is a key rotation.
//
// Environment: PORT (0 picks a free one), REDIRECT_URIS and POST_LOGOUT_URIS (separated by commas), LOG_REQUESTS=1.
// Output: `ready ISSUER` once it listens; then, if asked for, one line a request: `GET /path`.

import { generateKeyPairSync } from 'node:crypto';
import { createServer } from 'node:http';
import { Provider } from 'oidc-provider';
import { accounts } from './accounts.mjs';
import { interact } from './interaction.mjs';
import { confirmLogout, refusal, signedOut } from './pages.mjs';

const list = (text) => text.split(',').filter(Boolean);
const redirectUris = list(process.env.REDIRECT_URIS ?? 'http://127.0.0.1:8080/auth/callback');
const postLogoutUris = list(process.env.POST_LOGOUT_URIS ?? 'http://127.0.0.1:8080/');

const client = (id, more = {}) => ({
  client_id: id,
  client_secret: `${id}-secret`,
  redirect_uris: redirectUris,
  post_logout_redirect_uris: postLogoutUris,
  grant_types: ['authorization_code'],
  response_types: ['code'],
  ...more,
});

const privateJwk = (...parameters) => generateKeyPairSync(...parameters).privateKey.export({ format: 'jwk' });

const configuration = {
  clients: [
    client('muster'),
    client('muster-es256', { id_token_signed_response_alg: 'ES256' }),
    client('muster-eddsa', { id_token_signed_response_alg: 'EdDSA' }),
    client('muster-ps256', { id_token_signed_response_alg: 'PS256' }),
    client('muster-public', { client_secret: undefined, token_endpoint_auth_method: 'none' }),
    client('somebody-else'),
  ],
  jwks: {
    keys: [
      privateJwk('rsa', { modulusLength: 2048 }),
      privateJwk('ec', { namedCurve: 'P-256' }),
      privateJwk('ed25519'),
    ],
  },
  enabledJWA: { idTokenSigningAlgValues: ['RS256', 'PS256', 'ES256', 'EdDSA'] },
  scopes: ['openid', 'profile', 'groups'],
  claims: { openid: ['sub'], profile: ['name', 'preferred_username'], groups: ['groups', 'realm_access', 'employee_number'] },
  // Claims go into the ID token, as large providers do it, not to the userinfo endpoint alone.
  conformIdTokenClaims: false,
  pkce: { required: () => true },
  cookies: { keys: ['known to everybody: this provider is for tests'] },
  ttl: { AccessToken: 300, AuthorizationCode: 60, Grant: 3600, IdToken: 300, Interaction: 600, Session: 3600 },
  features: {
    claimsParameter: { enabled: true },
    devInteractions: { enabled: false },
    rpInitiatedLogout: { enabled: true, logoutSource: confirmLogout, postLogoutSuccessSource: signedOut },
    userinfo: { enabled: true },
  },
  renderError: refusal,
  interactions: { url: (_context, interaction) => `/interaction/${interaction.uid}` },
  async findAccount(_context, accountId) {
    const account = accounts.find(({ sub }) => sub === accountId);
    return account && { accountId, claims: async () => account };
  },
  // Nobody is asked for consent: the login is the only page.
  async loadExistingGrant(context) {
    const { client, provider, session, requestParamClaims, requestParamScopes } = context.oidc;
    const grant = new provider.Grant({ accountId: session.accountId, clientId: client.clientId });
    grant.addOIDCScope([...requestParamScopes].join(' '));
    grant.addOIDCClaims([...requestParamClaims]);
    await grant.save();
    return grant;
  },
};

const server = createServer();
server.listen(Number(process.env.PORT ?? 0), '127.0.0.1', () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, configuration);
  provider.on('server_error', (_context, error) => console.error(error));
  const answer = provider.callback();
  server.on('request', (request, response) => {
    if (process.env.LOG_REQUESTS) console.log(request.method, request.url.split('?')[0]);
    if (request.url.startsWith('/interaction/')) interact(provider, request, response);
    else answer(request, response);
  });
  console.log('ready', issuer);
});
