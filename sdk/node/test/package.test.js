/** What is packed of this folder: the same bytes each time, with everything in it that a user needs. */

import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { fileURLToPath } from 'node:url'

const FOLDER = fileURLToPath(new URL('..', import.meta.url))
const ROOT = join(FOLDER, '../..')
const ABOUT = JSON.parse(readFileSync(join(FOLDER, 'package.json'), 'utf8'))
const made = mkdtempSync(join(tmpdir(), 'cronobs-package-'))
const packed = []

/** The package of a copy of the folder that was checked out with this umask, at some time. */
function pack (name, umask) {
  const [source, into] = [join(made, name, 'source'), join(made, name, 'into')]
  cpSync(FOLDER, source, { recursive: true, filter: (path) => !/node_modules$|\/test$/.test(path) })
  for (const entry of readdirSync(source, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name)
    chmodSync(path, (entry.isDirectory() ? 0o777 : 0o666) & ~umask)
    utimesSync(path, 1e9 + umask, 1e9 + umask)
  }
  mkdirSync(into)
  execFileSync('npm', ['pack', '--offline', '--ignore-scripts', '--silent', '--pack-destination', into], { cwd: source })
  return join(into, readdirSync(into)[0])
}

before(() => packed.push(pack('one', 0o022), pack('another', 0o002)))
after(() => rmSync(made, { recursive: true }))

test('two packages are the same to the byte', () => {
  assert.ok(packed[0].endsWith(`/cronobs-${ABOUT.version}.tgz`))
  assert.ok(readFileSync(packed[0]).equals(readFileSync(packed[1])))
})

test('it has every module, its types and its licence, and nothing else', () => {
  const names = execFileSync('tar', ['-tzf', packed[0]], { encoding: 'utf8' }).trim().split('\n').map((name) => name.replace('package/', ''))
  const sources = readdirSync(join(FOLDER, 'src')).map((name) => `src/${name}`)
  assert.deepEqual(names.sort(), [...sources, 'LICENSE', 'README.md', 'answers.d.ts', 'index.d.ts', 'package.json', 'testing.d.ts'].sort())
})

test('who uses it as installed gets all of it, and no Kafka client before a worker needs one', () => {
  const program = join(made, 'program')
  mkdirSync(join(program, 'node_modules/cronobs'), { recursive: true })
  execFileSync('tar', ['-xzf', packed[0], '-C', join(program, 'node_modules/cronobs'), '--strip-components=1'])
  symlinkSync(join(FOLDER, 'node_modules/kafkajs'), join(program, 'node_modules/kafkajs'))
  const script = `
    import { createRequire } from 'node:module'
    import * as cronobs from 'cronobs'
    import { runJob } from 'cronobs/testing'
    const { cache } = createRequire(import.meta.url)
    const out = await runJob(() => new cronobs.Client().task('x').id)
    console.log(Object.keys(cronobs).length, out.status, Object.keys(cache).filter((name) => name.includes('kafkajs')).length)`
  const said = execFileSync(process.execPath, ['--input-type=module', '--eval', script], { cwd: program, encoding: 'utf8' })
  assert.match(said, /^[0-9]+ SUCCEEDED 0\n$/)
})

test('the Kafka client is that one version, and nothing else is needed', () => {
  assert.deepEqual(ABOUT.dependencies, { kafkajs: '2.2.4' })
  const { packages } = JSON.parse(readFileSync(join(FOLDER, 'package-lock.json'), 'utf8'))
  const { name, version, dependencies, devDependencies, engines } = ABOUT
  assert.deepEqual({ name, version, dependencies, devDependencies, engines }, Object.fromEntries(
    ['name', 'version', 'dependencies', 'devDependencies', 'engines'].map((member) => [member, packages[''][member]])))
  assert.equal(packages['node_modules/kafkajs'].dependencies, undefined)
})

test('the version is that of the program', () => {
  const [, version] = /^project\(cronobs VERSION ([\d.]+)/m.exec(readFileSync(join(ROOT, 'CMakeLists.txt'), 'utf8'))
  assert.equal(ABOUT.version, version)
})

test("the licence is the project's", () => {
  assert.ok(readFileSync(join(FOLDER, 'LICENSE')).equals(readFileSync(join(ROOT, 'LICENSE'))))
})
