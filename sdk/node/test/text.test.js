/** Texts are cut and escaped as every SDK does it: sdk/conformance/texts.json. */

import assert from 'node:assert/strict'
import { describe, test } from 'node:test'
import * as text from '../src/text.js'
import { load } from './support/cases.js'

/** Hexadecimal words, each maybe with a count behind it. */
function unitsOf (words) {
  return Buffer.concat(words.split(' ').map((word) => {
    const [digits, count] = word.split('*')
    return Buffer.concat(Array(Number(count ?? 1)).fill(Buffer.from(digits, 'hex')))
  }))
}

/** What a program may say: a text in every form that it can have here. */
function given (of) {
  const [form, words] = [of.slice(0, 1), of.slice(2)]
  if (form === 'u') return [unitsOf(words).swap16().toString('utf16le')]
  const bytes = form === 't' ? Buffer.from(words) : unitsOf(words)
  const text = bytes.toString()
  return Buffer.from(text).equals(bytes) ? [bytes, new Uint8Array(bytes), text] : [bytes]
}

function expected (of) {
  return of[0] === 't' ? Buffer.from(of.slice(2)) : unitsOf(of.slice(2))
}

const hex = (bytes) => Buffer.from(bytes).toString('hex')

describe('lines', () => {
  for (const { name, of, is } of load('texts.json', 'lines')) {
    test(name, () => {
      const lines = is.map(([message, marks = '']) => [hex(expected(message)), marks])
      for (const said of given(of)) {
        const marks = (line) => ['unfinished', 'escaped'].filter((mark) => line[mark]).join(' ')
        assert.deepEqual(text.lines(said).map((line) => [hex(line.message), marks(line)]), lines)
      }
    })
  }
})

describe('messages', () => {
  for (const { name, of, is } of load('texts.json', 'messages')) {
    test(name, () => {
      for (const said of given(of)) assert.equal(hex(text.cut(said)), hex(expected(is)))
    })
  }
})

describe('results', () => {
  for (const { name, of, is, message = null } of load('texts.json', 'results')) {
    test(name, () => {
      for (const said of given(of)) {
        const result = text.resultOf(said)
        assert.equal(result.message, message)
        assert.equal(result.result && hex(result.result), is && hex(expected(is)))
      }
    })
  }
})

test('a result is bytes, a text or JSON', () => {
  const values = [undefined, null, Buffer.from([0]), 'é', { rows: [1, null, 'é'] }, 0, false, [], '\ud800']
  const results = [null, null, '\0', 'é', '{"rows":[1,null,"é"]}', '0', 'false', '[]', '\ufffd']
  assert.deepEqual(values.map((value) => text.resultOf(value).result?.toString() ?? null), results)
})

test('what is no JSON is told', () => {
  const circle = {}
  circle.itself = circle
  for (const value of [1n, circle, () => 1, Symbol('x')]) assert.throws(() => text.resultOf(value), TypeError)
})

test('pieces put together are the text, wherever a character or bad bytes stand at the cut', () => {
  for (const part of ['é', '€', '😀', '\ufffd', '\r\n']) {
    for (let before = 16_380; before <= 16_384; before++) {
      const said = 'a'.repeat(before) + part + 'b'
      const lines = text.lines(said)
      assert.equal(lines.map((line) => line.message + (line.unfinished ? '' : '\n')).join(''), said.replace('\r\n', '\n') + '\n')
      assert.ok(lines.every((line) => Buffer.byteLength(line.message) <= 16_384 && !line.escaped))
    }
  }
})
