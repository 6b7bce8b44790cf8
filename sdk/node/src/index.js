/** Cron Observer: what workers and programs beside it need. */

export { Client } from './client.js'
export { SettingError } from './settings.js'
export { ApiError } from './transport.js'
