// Types of cronobs/testing.

import type { Cause, Handler } from './index.js'

export interface RunOptions {
  /** Bytes as they are, a text as UTF-8, undefined as nothing, all else as JSON. */
  payload?: unknown
  task?: string
  attempt?: number
  maxAttempts?: number
  labels?: Record<string, string>
  contentType?: string | null
  traceparent?: string | null
  /** Milliseconds after which the handler is told to end, by `cause`. */
  cancelAfter?: number
  cause?: Cause
  /** As of Worker. */
  captureConsole?: boolean
}

/** What a worker would have published. */
export interface Ran {
  status: 'SUCCEEDED' | 'FAILED' | 'CANCELLED'
  reason: 'NONE' | 'WORKER_ERROR' | 'EXIT_CODE' | 'RUN_TIMEOUT' | 'WORKER_SHUTDOWN'
  message: string | null
  exitCode: number | null
  /** Bytes and text as they were returned, all else as JSON carries it; undefined: none. */
  result: any
  /** As it is published. */
  resultBytes: Buffer | null
  /** A line over 16 KiB comes in pieces. */
  lines: [level: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR', text: string][]
  progress: [percent: number | null, note: string | null][]
}

/** Runs a handler to its end, as a worker would, without Kafka and without threads. */
export function runJob (handler: Handler, options?: RunOptions): Promise<Ran>
