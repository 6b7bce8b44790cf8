/** Cron Observer: what workers and programs beside it need. */

export { SettingError } from './settings.js'
