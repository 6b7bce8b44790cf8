/** The types say what there is: names and members of the modules, and the parameters of the HTTP API. */

import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { describe, test } from 'node:test'
import * as cronobs from '../src/index.js'
import * as testing from '../src/testing.js'

const read = (path) => readFileSync(new URL(path, import.meta.url), 'utf8')
const TYPES = read('../index.d.ts')

/** Of what a program can import: classes, functions, constants. */
function namesIn (types) {
  return new Set([...types.matchAll(/^export (?:class|function|const) (\w+)/gm)].map(([, name]) => name))
}

/** Of a class or an interface, those that are its own. */
function membersIn (types, kind, name) {
  const [, body] = RegExp(`^export ${kind} ${name}(?: extends [^{]*)? \\{\\n(.*?)^\\}`, 'ms').exec(types) ?? assert.fail(`no ${kind} ${name}`)
  return [...body.matchAll(/^  (?:readonly )?(\w+)(?:<[^(]*>)? ?[(?:]/gm)].map(([, member]) => member)
}

test('each name of a module has a type, and each type is of a name', () => {
  assert.deepEqual([...namesIn(TYPES)].sort(), Object.keys(cronobs).sort())
  assert.deepEqual([...namesIn(read('../testing.d.ts'))].sort(), Object.keys(testing).sort())
})

describe('a class has the methods of its type', () => {
  const { Client, ExecutionHandle, TaskHandle, Worker } = cronobs
  for (const [name, its] of Object.entries({ Client, ExecutionHandle, TaskHandle, Worker })) {
    test(name, () => {
      const methods = new Set(membersIn(TYPES, 'class', name).filter((member) => !['constructor', 'project', 'key', 'id'].includes(member)))
      assert.deepEqual([...methods].sort(), Object.getOwnPropertyNames(its.prototype).filter((member) => member !== 'constructor').sort())
    })
  }
})

test('a job has the members of its type', async () => {
  const notForHandlers = ['constructor', 'line', 'tell', 'close']
  await testing.runJob((job) => {
    const its = [...Object.keys(job), ...Object.getOwnPropertyNames(cronobs.Job.prototype)].filter((name) => !notForHandlers.includes(name))
    assert.deepEqual([...new Set(membersIn(TYPES, 'class', 'Job'))].sort(), its.sort())
  })
})

describe('every parameter of a resource is one of its method', () => {
  const pages = ['cursor', 'limit', 'line', 'tail', 'before', 'after', 'after_command']
  const rows = { 'GET /v1/tasks': 'TaskFilters', 'GET /v1/executions': 'ExecutionFilters', 'GET /v1/executions/:execution/logs': 'LogFilters' }
  for (const [route, name] of Object.entries(rows)) {
    test(route, () => {
      const [method, path] = route.split(' ')
      const row = read('../../../docs/http-api.md').split('\n').find((line) => line.startsWith(`| ${method} | \`${path}\` |`))
      const parameters = row.split('|')[3].trim().split(' ').filter((parameter) => !pages.includes(parameter))
      assert.deepEqual(parameters.filter((parameter) => !membersIn(TYPES, 'interface', name).includes(parameter)), [])
    })
  }
})
