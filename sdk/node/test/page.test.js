/** docs/workers/node.md: its examples run as they stand there, and its tables are those of the code. */

import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { ExecutionHandle, TaskHandle } from '../src/index.js'
import { SETTINGS } from '../src/settings.js'
import { recorded, reply } from './support/recorded.js'

const SDK = fileURLToPath(new URL('..', import.meta.url))
const PAGE = readFileSync(join(SDK, '../../docs/workers/node.md'), 'utf8')
const FILES = ['reports.js', 'worker.js', 'reports.test.js', 'log.js', 'backup.js', 'api.js']
const NOWHERE = { CRONOBS_BROKERS: 'u@wrong' } // settings that are wrong: nothing is asked, and that is told
const folder = mkdtempSync(join(tmpdir(), 'cronobs-page-'))

before(() => {
  const examples = [...PAGE.matchAll(/```js\n(.*?)```/gs)].map(([, text]) => text)
  assert.equal(examples.length, FILES.length)
  for (const [n, text] of examples.entries()) writeFileSync(join(folder, FILES[n]), text)
  writeFileSync(join(folder, 'package.json'), '{ "type": "module" }')
  mkdirSync(join(folder, 'node_modules'))
  symlinkSync(SDK, join(folder, 'node_modules/cronobs'))
  for (const name of ['pino', '@types']) symlinkSync(join(SDK, 'node_modules', name), join(folder, 'node_modules', name))
})
after(() => rmSync(folder, { recursive: true }))

/** How a program of the folder ended. */
function run (program, args, env = {}) {
  const { NODE_TEST_CONTEXT: _, ...own } = process.env // else it reports to this test's runner
  return new Promise((resolve) => {
    execFile(program, args, { cwd: folder, env: { ...own, ...env } }, (error, out, err) => resolve({ code: error?.code ?? 0, out, err }))
  })
}

test('the page has the table of settings', () => {
  for (const { name, variable, fallback, help } of SETTINGS) {
    assert.ok(PAGE.includes(`| \`${name}\` | \`${variable}\` | ${fallback === null ? '' : `\`${fallback}\``} | ${help} |`), name)
  }
})

test('the page names all that can be done with tasks and executions', () => {
  for (const [name, kind] of [['client.task(key)', TaskHandle], ['client.execution(id)', ExecutionHandle]]) {
    const row = PAGE.split('\n').find((line) => line.startsWith(`| \`${name}\` |`))
    const its = Object.getOwnPropertyNames(kind.prototype).filter((member) => !['constructor', 'toString'].includes(member))
    assert.deepEqual([...row.split('|')[2].matchAll(/`(\w+)`/g)].map(([, member]) => member).sort(), its.sort())
  }
})

test('the example passes its own test', async () => {
  const { code, out } = await run(process.execPath, ['--test', 'reports.test.js'])
  assert.equal(code, 0, out)
  assert.match(out, /pass 2/)
})

test('the examples are typed strictly', async () => {
  const options = ['--strict', '--noEmit', '--allowJs', '--checkJs', '--module', 'nodenext', '--target', 'es2022', '--types', 'node']
  const { code, out } = await run(join(SDK, 'node_modules/.bin/tsc'), [...options, ...FILES])
  assert.equal(code, 0, out)
})

test('the worker tells a wrong setting, and its exit code', async () => {
  const { code, out, err } = await run(process.execPath, ['worker.js'], NOWHERE)
  assert.deepEqual([code, out], [64, ''])
  assert.match(err, /^cronobs ERROR brokers: .*\n$/)
})

test('what the logger of the example says is a line', async () => {
  const script = "import { runJob } from 'cronobs/testing'; import { clean } from './log.js'; console.error(JSON.stringify((await runJob(clean)).lines))"
  const { code, err } = await run(process.execPath, ['--input-type=module', '--eval', script])
  assert.deepEqual([code, JSON.parse(err)], [0, [['INFO', 'cleaned rows=3']]])
})

test('the observed run is done', async () => {
  const { code, err } = await run(process.execPath, ['backup.js'], NOWHERE)
  assert.equal(code, 0, err)
  assert.match(err, /the run of 'nightly-backup' is not reported/)
})

test('the client of the example says what it does', async () => {
  const outcome = reply(200, { command_id: 'c', task_id: 't', result: 'ACCEPTED', execution_id: 'e1' })
  const execution = reply(200, { execution_id: 'e1', status: 'SUCCEEDED' })
  const lines = (...messages) => reply(200, { items: messages.map((message) => ({ level: 'INFO', message })), next: 'n', more: false })
  const stale = reply(412, { detail: 'it is at revision 4, not 3', code: 'STALE_REVISION' })
  await recorded([outcome, outcome, lines('loading a'), execution, lines(), execution, reply(200, { revision: 3 }), stale], async (api) => {
    const { code, out, err } = await run(process.execPath, ['api.js'], { CRONOBS_URL: api.url })
    assert.equal(code, 0, err)
    assert.equal(out, 'INFO loading a\nSUCCEEDED\n412 STALE_REVISION null null\n')
  })
})
