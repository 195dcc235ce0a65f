// The login: shows the page of accounts, takes the answer, sends the browser on.

import { accounts } from './accounts.mjs';
import { login } from './pages.mjs';

async function chosen(request) {
  let body = '';
  for await (const chunk of request) body += chunk;
  const name = new URLSearchParams(body).get('account');
  return accounts.find((account) => account.name === name);
}

export async function interact(provider, request, response) {
  try {
    const { uid } = await provider.interactionDetails(request, response);
    const account = request.method === 'POST' ? await chosen(request) : undefined;
    if (account) {
      await provider.interactionFinished(request, response, { login: { accountId: account.sub } });
    } else {
      response.writeHead(200, { 'content-type': 'text/html; charset=utf-8', 'cache-control': 'no-store' });
      response.end(login(`/interaction/${uid}`));
    }
  } catch (error) {
    response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' });
    response.end(`No login is going on: ${error.message}\n`);
  }
}
