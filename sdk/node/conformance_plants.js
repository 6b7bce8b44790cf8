/**
 * Faults, to see the suite red: around the SDK, never in it. Loaded before the subject, and in the engine's thread as well:
 *
 *     node --import ./conformance_plants.js conformance.js worker
 */
import { isMainThread } from 'node:worker_threads'

import { Brokers } from './src/bus_brokers.js'
import { Inbox, State } from './src/inbox.js'
import { current, Job } from './src/job.js'
import { Run } from './src/run.js'

const PLANTS = {
  /** For the position alone RUNNING is taken for acknowledged: the handler waits for both, as ever. */
  'commit-first' () {
    const { claim, commit } = Inbox.prototype
    let turn = []
    Inbox.prototype.claim = function (now) {
      const claimed = claim.call(this, now)
      if (claimed.length > 0) turn = claimed
      return claimed
    }
    Inbox.prototype.commit = function () {
      const early = turn.filter(one => one.state === State.CLAIMING)
      for (const one of early) one.state = State.CLAIMED
      const found = commit.call(this)
      for (const one of early) one.state = State.CLAIMING
      return found
    }
  },

  uncommitted () {
    const { ask } = Brokers.prototype
    Brokers.prototype.ask = function (node, api, args, decode) {
      return ask.call(this, node, api, api === 'Fetch' ? { ...args, isolationLevel: 0 } : args, decode)
    }
  },

  'claim-dropped' () {
    Inbox.prototype.unanswered = Inbox.prototype.refused
  },

  /** None is due while the handlers' thread is silent. */
  'beats-in-handler' () {
    const channel = new BroadcastChannel('beats-in-handler')
    channel.unref()
    if (isMainThread) return setInterval(() => channel.postMessage(null), 50).unref()
    let heard = 0
    channel.onmessage = () => { heard = performance.now() }
    const { beatDue } = Run.prototype
    Run.prototype.beatDue = function () {
      return performance.now() - heard < 500 ? beatDue.call(this) : Infinity
    }
  },

  /** A line is one of the job that began last. */
  'line-astray' () {
    const { run } = current
    const { line } = Job.prototype
    let newest
    current.run = (job, ...rest) => {
      newest = job
      return run.call(current, job, ...rest)
    }
    Job.prototype.line = function (text, level) {
      return line.call(newest, text, level)
    }
  }
}

PLANTS[process.env.CONFORMANCE_PLANT]?.()
