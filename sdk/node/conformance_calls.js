/** The subject's calls of the client: mode `client` of sdk/conformance/README.md. */

import { ApiError, Client } from './src/index.js'

const listed = async (items, name) => {
  const names = []
  for await (const item of items) names.push(item[name])
  return { count: names.length, first: names[0] ?? null, last: names.at(-1) ?? null }
}

const CALLS = {
  async put (client, key, spec, revision) {
    await client.task(key).put(spec, revision === null ? {} : { ifMatch: revision })
    return await client.task(key).get()
  },
  get: (client, key) => client.task(key).get(),
  delete: (client, key) => client.task(key).delete(),
  pause: (client, key) => client.task(key).pause(),
  resume: (client, key) => client.task(key).resume(),
  async trigger (client, key, payload) {
    return await client.execution((await client.task(key).trigger(payload)).execution_id).get()
  },
  upcoming: (client, key) => client.task(key).upcoming(),
  tasks: (client, page) => listed(client.tasks({ page }), 'key'),
  executions: (client, key, page) => listed(client.executions({ task: key, page }), 'execution_id'),
  logs: (client, execution, page) => listed(client.logs(execution, { page }), 'message'),
  explain: (client, expression, zone) => client.explain(expression, { zone })
}

/** A script of calls, one after the other; say: takes an object for each. */
export async function callApi (script, say) {
  const client = new Client()
  for (const [name, ...args] of JSON.parse(script)) {
    try {
      say({ ok: await CALLS[name](client, ...args) })
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      const { status, code, pointer, hint } = error
      say({ error: { status, code, pointer, hint } })
    }
  }
  return 0
}
