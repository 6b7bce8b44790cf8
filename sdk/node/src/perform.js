/** Runs a handler, and what its end means. Pure but for the handler itself; the worker and the testing helper share it. */
import { Cancelled, Failed } from './cause.js'
import { current } from './job.js'
import { outcomeOf } from './run.js'
import { cut, resultOf } from './text.js'

const BY_CAUSE = {
  CANCEL: { status: 'CANCELLED', reason: 'NONE', text: null },
  TIMEOUT: { status: 'FAILED', reason: 'RUN_TIMEOUT', text: 'run timeout' },
  SHUTDOWN: { status: 'FAILED', reason: 'WORKER_SHUTDOWN', text: 'the worker was shut down' },
  LOST: { status: 'FAILED', reason: 'WORKER_ERROR', text: 'no sign of life reached the brokers' }
}

/** Calls the handler in the job's context. Resolves to the outcome, whatever the handler does. */
export function perform (job, handler) {
  return current.run(job, async () => {
    try {
      return returned(await handler(job))
    } catch (error) {
      return thrown(job, error)
    }
  })
}

function returned (value) {
  return outcomeOf('SUCCEEDED', told(value))
}

/** What is to be said of a value: {result, message}. Failing for it would run the work twice. */
function told (value) {
  try {
    return resultOf(value)
  } catch (error) {
    return { result: null, message: cut(`the result is left out: ${sayOf(error)}`) }
  }
}

/** It ended by an exception; with a cause it ended by that. */
function thrown (job, error) {
  if (error instanceof Failed) return failed(job.cause, error)
  if (job.cause !== null) {
    const { status, reason, text } = BY_CAUSE[job.cause]
    if (isTold(job, error)) return outcomeOf(status, { reason, message: text })
    return outcomeOf(status, { reason, message: cut(text === null ? sayOf(error) : `${text}: ${sayOf(error)}`) })
  }
  job.log(traceOf(error), 'ERROR')
  return outcomeOf('FAILED', { reason: 'WORKER_ERROR', message: cut(sayOf(error)) })
}

function failed (cause, error) {
  const { result, message } = told(error.result)
  const { exitCode, remark } = exitCodeOf(error.exitCode)
  const remarks = [message, remark].filter(text => text !== null).join('; ')
  const said = cut(remarks === '' ? `${error.message}` : `${error.message} (${remarks})`)
  const { status, reason } = cause !== null ? BY_CAUSE[cause] : { status: 'FAILED', reason: exitCode === null ? 'WORKER_ERROR' : 'EXIT_CODE' }
  return outcomeOf(status, { reason, message: said, exitCode, result })
}

/** One that no report can have is left out: else there would be no report. */
function exitCodeOf (given) {
  if (given === null || (Number.isInteger(given) && given === (given | 0))) return { exitCode: given, remark: null }
  return { exitCode: null, remark: `the exit code is left out: ${shown(given)} is no whole number of 32 bits` }
}

function shown (value) {
  try {
    return String(value).slice(0, 60)
  } catch { // its own text is broken
    return typeof value
  }
}

/** Did it end since it was told to? What heeds an AbortSignal throws its reason, or an AbortError that has it as its cause. */
function isTold (job, error) {
  return error instanceof Cancelled || error?.name === 'AbortError' || error === job.signal.reason
}

function sayOf (error) {
  try {
    if (!(error instanceof Error)) return `${typeof error}: ${String(error)}`
    return error.message ? `${error.name}: ${error.message}` : error.name
  } catch { // its own text is broken
    return 'an error without a text'
  }
}

/** Without the frames of this file. */
function traceOf (error) {
  let trace
  try {
    trace = error.stack
  } catch { // as above
  }
  return (typeof trace === 'string' ? trace : sayOf(error)).split('\n').filter(line => !line.includes(import.meta.url)).join('\n')
}

/** Nobody has registered one for the task. keys: of those that are there. */
export function noHandler (key, keys) {
  const has = [...keys].sort().join(', ') || 'none'
  return outcomeOf('FAILED', { reason: 'WORKER_ERROR', message: cut(`no handler for task '${key}' (has: ${has})`) })
}
