// @ts-check
// The page /account: signing in, and what people do with their own account. It has no secret but 'csrf', which is lost with the page.
const API = '/api/v1';
let csrf = '';

/** @param {string} id */
const at = (id) => /** @type {HTMLElement} */ (document.getElementById(id));

/** An element with a text: no markup is ever made of what a server or a person said. */
function element(name, text) {
  const made = document.createElement(name);
  made.textContent = text;
  return made;
}

class Refused extends Error {
  constructor(problem) {
    super([problem.detail, problem.remedy].map((text) => text[0].toUpperCase() + text.slice(1) + '.').join(' '));
    this.type = problem.type;
  }
}

async function call(method, path, body) {
  const headers = body ? { 'Content-Type': 'application/json' } : {};
  if (csrf) {
    headers['X-CSRF-Token'] = csrf;
  }
  let response;
  try {
    response = await fetch(API + path, { method, headers, body: body && JSON.stringify(body), cache: 'no-store' });
  } catch {
    throw new Error('The gateway does not answer. Try again in a moment.');
  }
  const answer = await response.json();
  if (!response.ok) {
    throw new Refused(answer);
  }
  return answer;
}

function show(id) {
  for (const other of ['sign-in', 'welcome', 'account']) {
    at(other).hidden = other !== id;
  }
}

function tell(id, text) {
  for (const each of ['problem', 'note']) {
    at(each).hidden = each !== id;
    at(each).textContent = each === id ? text : '';
  }
}

const ONE_TIME = 'urn:millrace:problem:code-needed';
const NOBODY = 'urn:millrace:problem:no-session';

function failed(error) {
  if (error.type === NOBODY) {
    csrf = '';
    at('who').textContent = '';
    show('sign-in');
    return;
  }
  if (error.type === ONE_TIME) {
    at('code').hidden = false;
    at('code').querySelector('input')?.focus();
    tell('note', 'Enter the code that your authenticator app shows.');
    return;
  }
  tell('problem', error.message);
}

/** Does something when a form is sent, with its values. */
function on(id, work) {
  at(id).addEventListener('submit', async (event) => {
    event.preventDefault();
    const form = /** @type {HTMLFormElement} */ (event.currentTarget);
    const button = /** @type {HTMLButtonElement} */ (form.querySelector('button'));
    button.disabled = true;
    tell('', '');
    try {
      await work(Object.fromEntries(new FormData(form)), form);
    } catch (error) {
      failed(error);
    } finally {
      button.disabled = false;
    }
  });
}

function fact(name, value) {
  at('facts').append(element('dt', name), element('dd', value));
}

const when = (text) => new Date(text).toLocaleString();

function render(who) {
  csrf = who.csrf;
  at('who').textContent = who.user.user;
  for (const field of document.querySelectorAll('#account input[name=user]')) {
    /** @type {HTMLInputElement} */ (field).value = who.user.user;
  }
  at('facts').replaceChildren();
  fact('Roles', who.user.roles.join(', '));
  fact('Tenants', who.user.tenants.join(', ') || 'all');
  fact('You may', who.permissions.join(', ') || 'nothing');
  if (who.withheld.length) {
    fact('Not in this session', who.withheld.join(', '));
  }
  at('factor-state').textContent = who.user.secondFactor
    ? who.session.secondFactor
      ? 'It is set up, and this session has it.'
      : 'It is set up. This session was opened without it: sign out, and in again with a code.'
    : 'Without one you can read, and change nothing but your own account.';
  at('factor-begin').hidden = who.user.secondFactor;
  at('factor-confirm').hidden = true;
  show('account');
}

async function refresh() {
  const who = await call('GET', '/session');
  render(who);
  const { sessions } = await call('GET', '/session/devices');
  at('devices').replaceChildren(
    ...sessions
      .filter((each) => each.state === 'in force')
      .map((each) => {
        const row = document.createElement('tr');
        row.append(
          element('td', each.agent || 'unknown'),
          element('td', each.address),
          element('td', when(each.signedInAt)),
          element('td', when(each.lastSeenAt)),
        );
        const last = document.createElement('td');
        if (each.session === who.session.session) {
          last.textContent = 'this one';
        } else {
          const button = element('button', 'Sign out');
          button.addEventListener('click', () => end(each.session));
          last.append(button);
        }
        row.append(last);
        return row;
      }),
  );
}

async function end(session) {
  try {
    await call('POST', '/session/ends', { session });
    await refresh();
  } catch (error) {
    failed(error);
  }
}

/** The session has just begun: who is not signed in now has a browser that did not keep the cookie. */
async function begin(who) {
  render(who);
  try {
    await refresh();
  } catch (error) {
    failed(error);
    if (error.type === NOBODY) {
      tell('problem', 'The browser did not keep the session. Open this page over HTTPS, or at localhost.');
    }
  }
}

on('sign-in', async (values, form) => {
  const who = await call('POST', '/sign-ins', values.code ? values : { user: values.user, password: values.password });
  form.reset();
  at('code').hidden = true;
  await begin(who);
});

on('welcome', async (values, form) => {
  const who = await call('POST', '/welcomes', { link: location.hash.slice(1), password: values.password });
  history.replaceState(null, '', location.pathname);
  form.reset();
  await begin(who);
});

on('factor-begin', async (values, form) => {
  const { secret, link } = await call('POST', '/session/second-factor', { password: values.password });
  form.reset();
  at('factor-secret').textContent = secret.replace(/(.{4})/g, '$1 ');
  /** @type {HTMLAnchorElement} */ (at('factor-link')).href = link;
  at('factor-begin').hidden = true;
  at('factor-confirm').hidden = false;
});

on('factor-confirm', async (values, form) => {
  await call('POST', '/session/second-factor/confirmation', { code: values.code });
  form.reset();
  at('factor-secret').textContent = '';
  await refresh();
  tell('note', 'The second factor is set up. All other devices were signed out.');
});

on('password', async (values, form) => {
  await call('POST', '/session/password', { password: values.password, new: values.new });
  form.reset();
  await refresh();
  tell('note', 'The password was changed. All other devices were signed out.');
});

at('end-others').addEventListener('click', () => end('others'));
at('end-this').addEventListener('click', () => end('this'));

// What follows '#' never reaches a server's log.
if (location.hash.startsWith('#ml_')) {
  show('welcome');
} else {
  refresh().catch(failed);
}
