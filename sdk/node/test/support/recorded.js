/** An API that answers what it was told, one answer a request, and remembers what it was asked. */

import { once } from 'node:events'
import http from 'node:http'

/** The connection ends, without an answer. */
export const BROKEN = Symbol('broken')
/** The connection ends in the middle of the answer. */
export const CUT = Symbol('cut')
/** Nothing comes. */
export const SILENT = Symbol('silent')

export function reply (status = 200, body = {}, headers = {}) {
  return { status, body, headers }
}

/** Serves `replies` in their order, on 127.0.0.1, while `use` runs. Those that are functions are called with what was asked. */
export async function recorded (replies, use) {
  const api = { replies: [...replies], asked: [], url: '' }
  const connections = new Map()
  const server = http.createServer(async (request, response) => {
    const parts = []
    for await (const part of request) parts.push(part)
    if (!connections.has(request.socket)) connections.set(request.socket, connections.size + 1)
    const text = Buffer.concat(parts).toString()
    const asked = { method: request.method, target: request.url, headers: request.headers, body: text && JSON.parse(text), connection: connections.get(request.socket) }
    api.asked.push(asked)
    const next = api.replies.shift()
    send(response, typeof next === 'function' ? await next(asked) : next)
  })
  server.keepAliveTimeout = 60_000
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  api.url = `http://127.0.0.1:${server.address().port}`
  try {
    return await use(api)
  } finally {
    server.closeAllConnections()
    server.close()
  }
}

function send (response, answer) {
  if (answer === SILENT) return
  if (answer === BROKEN) return response.destroy()
  const { status, body, headers } = answer === CUT ? reply() : answer
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const kind = status >= 400 ? 'application/problem+json' : 'application/json'
  const length = Buffer.byteLength(text) + (answer === CUT ? 40 : 0)
  response.writeHead(status, { 'Content-Type': kind, 'Content-Length': length, ...headers })
  if (answer === CUT) response.write(text, () => response.destroy())
  else response.end(text)
}
