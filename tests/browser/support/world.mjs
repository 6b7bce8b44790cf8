// world.mjs - what is there beside the browser: the API, the facts about the data, and the hand that does what tests ask.
import { readFileSync } from 'node:fs';

const needed = (name) => process.env[name] ?? (() => { throw new Error(`${name} is not set: suite.py runs these tests`); })();

export const url = needed('CRONOBS_URL');
export const seen = needed('CRONOBS_SEEN');
/** Where the browser is, unless a test says otherwise. */
export const zone = needed('CRONOBS_BROWSER_ZONE');
export const facts = JSON.parse(readFileSync(needed('CRONOBS_FACTS'), 'utf8'));

/** One of the verbs of hand.py. */
async function ask(verb, values = {}) {
  const answer = await fetch(`${needed('CRONOBS_HAND')}/${verb}`, { method: 'POST', body: JSON.stringify(values) });
  const body = await answer.json();
  if (!answer.ok) throw new Error(body);
  return body;
}

/** hand.report({key, execution, status}) */
export const hand = new Proxy({}, { get: (_, verb) => (values) => ask(verb, values) });

/** The first cell of what a statement answers. */
export const sql = async (statement) => (await ask('sql', { statement }))[0]?.[0];

/** An answer of the API: its status, its body. */
export async function api(method, path, body, headers = {}) {
  const answer = await fetch(url + path, {
    method, body: body === undefined ? undefined : JSON.stringify(body), headers: { Prefer: 'wait=20', ...(body === undefined ? {} : { 'Content-Type': 'application/json' }), ...headers },
  });
  const text = await answer.text();
  return { status: answer.status, headers: answer.headers, body: text.startsWith('{') ? JSON.parse(text) : text };
}

export const get = async (path) => {
  const answer = await api('GET', path);
  if (answer.status !== 200) throw new Error(`GET ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  return answer.body;
};

/** Waits for a truth; what it was is the answer. */
export async function until(what, condition, seconds = 20) {
  const end = Date.now() + 1000 * seconds;
  for (;;) {
    const answer = await condition();
    if (answer) return answer;
    if (Date.now() > end) throw new Error(`not within ${seconds} s: ${what}`);
    await new Promise((done) => setTimeout(done, 50)); // between two looks at the condition
  }
}

let last = 0;

/** A key that no other test uses. */
export const fresh = (name) => `${name}-${Date.now().toString(36)}${last++}`;

/** Days as the API writes them. */
export const dayText = (ms) => new Date(ms).toISOString().slice(0, 10);
