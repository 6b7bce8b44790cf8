/** The engine in a thread of its own (worker_threads): what it hears and says are calls in messages, many in one. */
import { parentPort, workerData } from 'node:worker_threads'

import { Core } from './core.js'

const { settings, options } = workerData
let calls = []

function say (name, ...args) {
  if (calls.push([name, ...args]) === 1) setImmediate(flush)
}

function flush () {
  const made = calls
  calls = []
  parentPort.postMessage(made)
}

/** Bytes of their own: a view would take along all that it looks into. */
function toPost ({ number, execution }) {
  return { number, execution: { ...execution, payload: execution.payload === null ? null : new Uint8Array(execution.payload) } }
}

const core = new Core(settings, options, {
  start: runs => say('start', runs.map(toPost)),
  tell: (number, cause) => say('tell', number, cause),
  contact: (number, isLost) => say('contact', number, isLost),
  close: number => say('close', number),
  notice: (level, text) => say('notice', level, text),
  over: result => say('over', result)
})

parentPort.on('message', heard => {
  for (const [name, ...args] of heard) core[name](...args)
})
