/** Cron Observer: what workers and programs beside it need. */

export { Cancelled, Cause, Failed } from './cause.js'
export { Client } from './client.js'
export { ExecutionHandle, TaskHandle } from './handles.js'
export { Job } from './job.js'
export { captureConsole, logStream } from './logs.js'
export { observe } from './observe.js'
export { SettingError } from './settings.js'
export { ApiError } from './transport.js'
export { Worker } from './worker.js'
