/** A broker over a socket, which knows some questions. */
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

const API_VERSIONS = 18
export const COMMIT = 8
export const COORDINATOR = 10
export const JOIN = 11
export const HEARTBEAT = 12
export const LEAVE = 13
export const SYNC = 14
const KNOWN = [[COMMIT, 2], [COORDINATOR, 0], [JOIN, 0], [HEARTBEAT, 2], [LEAVE, 0], [SYNC, 0], [API_VERSIONS, 2]] // [api, newest version]

const short = number => {
  const bytes = Buffer.alloc(2)
  bytes.writeInt16BE(number)
  return bytes
}

const int = number => {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(number)
  return bytes
}

/** Of a heartbeat. */
export const beaten = (code, throttle = 0) => Buffer.concat([int(throttle), short(code)])

const string = text => Buffer.concat([short(text.length), Buffer.from(text)])

/** Of a question for the coordinator. */
export const coordinated = (id, port) => Buffer.concat([short(0), int(id), string('127.0.0.1'), int(port)])

/** Of a member that is led by another one. */
export const joined = (code, id) => Buffer.concat([short(code), int(1), string('range'), string('another'), string(id), int(0)])

export const shared = assignment => Buffer.concat([short(0), int(assignment.length), assignment])

export const left = code => short(code)

const versions = () => Buffer.concat([short(0), int(KNOWN.length), ...KNOWN.map(([api, newest]) => Buffer.concat([short(api), short(0), short(newest)])), int(0)])

/** answer: api -> the body of an answer, or a promise of it; null: none ever comes. slowness: milliseconds before it says what it
 * understands. `use` gets {port, asked, sockets, stop()}. */
export async function withBroker (answer, use, slowness = 0) {
  const broker = { asked: [], sockets: new Set(), port: 0 }
  const server = createServer(socket => {
    broker.sockets.add(socket)
    socket.on('close', () => broker.sockets.delete(socket))
    socket.on('error', () => {})
    let rest = Buffer.alloc(0)
    socket.on('data', async bytes => {
      rest = Buffer.concat([rest, bytes])
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const request = rest.subarray(4, 4 + rest.readInt32BE(0))
        rest = rest.subarray(4 + request.length)
        const api = request.readInt16BE(0)
        broker.asked.push(api)
        if (api === API_VERSIONS) await sleep(slowness)
        const body = api === API_VERSIONS ? versions() : await answer(api)
        if (body !== null) socket.write(Buffer.concat([int(4 + body.length), request.subarray(4, 8), body]))
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  broker.port = server.address().port
  broker.stop = () => {
    for (const socket of broker.sockets) socket.destroy()
    return new Promise(resolve => server.close(resolve))
  }
  try {
    return await use(broker)
  } finally {
    broker.stop()
  }
}
