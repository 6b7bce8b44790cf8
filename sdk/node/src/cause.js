/**
 * Why a handler is told to end early, and what it may throw to say how it ended. Pure.
 *
 * CANCEL: somebody has cancelled the execution. TIMEOUT: its run timeout is over. SHUTDOWN: the worker ends. LOST: no sign of life has
 * reached the brokers, with `stopWhenLost`.
 */
export const Cause = Object.freeze({ CANCEL: 'CANCEL', TIMEOUT: 'TIMEOUT', SHUTDOWN: 'SHUTDOWN', LOST: 'LOST' })

/** What job.check() and job.wait() throw, and the reason of job.signal. `cause` is one of Cause. */
export class Cancelled extends Error {
  constructor (cause) {
    super(`told to end: ${cause}`)
    this.name = 'Cancelled'
    this.code = 'ABORT_ERR'
    this.cause = cause
  }
}

/** To be thrown by a handler: FAILED with this message, and maybe an exit code and a result. No trace is logged. */
export class Failed extends Error {
  constructor (message, { exitCode = null, result = null } = {}) {
    super(message)
    this.name = 'Failed'
    this.exitCode = exitCode
    this.result = result
  }
}
