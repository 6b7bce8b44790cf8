/** Cron Observer: what workers and programs beside it need. */

export { Cancelled, Cause, Failed } from './cause.js'
export { Client } from './client.js'
export { captureConsole, logStream } from './logs.js'
export { SettingError } from './settings.js'
export { ApiError } from './transport.js'
export { Worker } from './worker.js'
