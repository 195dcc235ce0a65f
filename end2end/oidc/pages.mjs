// The provider's few pages. They load nothing, so a test that fails on any console error can pass through them.

import { accounts } from './accounts.mjs';

const escaped = (text) => text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);

const frame = (title, body) => `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>${title}</title><link rel="icon" href="data:,"></head>
<body><main><h1>${title}</h1>
${body}
</main></body></html>
`;

const button = ({ name }) => `<li><button name="account" value="${name}">${name}</button></li>`;

// One button an account, named as the account.
export const login = (action) =>
  frame('Who are you?', `<form method="post" action="${action}"><ul>${accounts.map(button).join('')}</ul></form>`);

// The library hands over the form that must be sent; its buttons are ours.
export function confirmLogout(context, form) {
  const yes = '<button form="op.logoutForm" name="logout" value="yes">Sign out</button>';
  context.body = frame('Sign out?', form + yes);
}

export function signedOut(context) {
  context.body = frame('Signed out', '<p>You can close this page.</p>');
}

export function refusal(context, { error, error_description: description = '' }) {
  context.type = 'html';
  context.body = frame('No sign-in', `<p>${escaped(error)}: ${escaped(description)}</p>`);
}
