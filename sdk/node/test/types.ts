/** What a program in TypeScript may say, and what it may not: checked by tsc, never run. */

import pino from 'pino'
import { ApiError, type answers, captureConsole, Cancelled, Cause, Client, Failed, type Job, logStream, observe, SettingError, Worker } from 'cronobs'
import { runJob } from 'cronobs/testing'

export async function handler (job: Job): Promise<{ rows: number }> {
  const { parts } = job.json<{ parts: string[] }>()
  for (const [n, part] of parts.entries()) {
    if (!job.log.info(part)) await job.drained()
    job.log(Buffer.from([0xff]), 'ERROR')
    job.progress(10 * n, part)
    job.progress(null, 'more')
    await fetch(part, { signal: job.signal })
    job.check()
    await job.wait(5)
    const at: string = job.scheduledAt.toISOString() + (job.nominalLocal ?? job.startBy?.toISOString())
    job.wrap((text: string) => job.log(text))(at)
  }
  if (job.cause === Cause.CANCEL || job.signal.reason instanceof Cancelled) throw new Failed('no', { exitCode: 3, result: { a: 1 } })
  // @ts-expect-error there is no such level
  job.log('x', 'FATAL')
  // @ts-expect-error it is told, not changed
  job.attempt = 2
  return { rows: 1234 }
}

export async function work (): Promise<number> {
  const log = pino({}, pino.multistream([process.stdout, logStream()]))
  const worker = new Worker({ queue: 'reports', concurrency: 8, drain: '40s', backlog: 1000, kafka: { 'security.protocol': 'SSL' }, inline: true, logger: log })
  // @ts-expect-error misspelt
  void new Worker({ que: 'reports' })
  // @ts-expect-error a handler has one argument
  worker.task('x', (job: Job, more: number) => more)
  worker.start()
  worker.drain()
  const release: () => void = captureConsole()
  release()
  return await worker.task('daily-report', handler).task('*', (job) => job.text()).run() + await worker.close()
}

export async function call (): Promise<void> {
  const client = new Client(undefined, { timeout: 5000, headers: { 'X-Token': 't' } })
  const report = client.task('daily-report', { project: 'billing' })
  const made = await report.put({ queue: 'reports', schedules: [{ expression: '0 3 * * *', zone: 'UTC' }], retry: { max_attempts: 3 } }, { onlyNew: true })
  if (made.result === 'REJECTED') return
  await report.patch({ title: null, labels: { team: 'ops' } }, { ifMatch: made.revision ?? 1 })
  const { execution_id: id } = await report.trigger({ parts: ['a'] }, { ignoreOverlap: true, wait: 0, idempotencyKey: 'k', reason: 'r' })
  const run = client.execution(id ?? '')
  for await (const line of run.logs({ follow: true, level: 'WARN', stream: ['LOG', 'STDERR'] })) console.log(line.message)
  for await (const task of client.tasks({ state: ['ACTIVE'], page: 10 })) await client.task(task.key).delete()
  for await (const one of client.executions({ task: report, status: 'FAILED', from: new Date() })) console.log(one.status satisfies answers.Status)
  const ended: answers.Execution = await run.wait({ signal: AbortSignal.timeout(1000) })
  const rows: number = (await client.get<{ rows: number }>('/v1/days', { unit: '15m' })).rows + (await report.upcoming()).length
  console.log(ended.status, rows, (await client.explain('@daily', { dstGap: 'SKIP' })).description)
  // @ts-expect-error misspelt
  await report.delete({ ifMach: 3 })
  // @ts-expect-error there is no such state
  client.tasks({ state: 'SLEEPING' })
  // @ts-expect-error misspelt
  await report.put({ que: 'x' })
}

export async function backup (): Promise<string> {
  const length: number = await observe('backup', async (job) => { job.progress(50); return 5 })
  return await observe('backup', { ensure: { queue: 'q', schedule: '@daily', zone: 'UTC' }, project: 'ops' }, (job) => `${job.task} ${length}`)
}

export async function test (): Promise<void> {
  const out = await runJob(handler, { payload: { parts: [] }, cancelAfter: 50, cause: 'TIMEOUT' })
  const [level, text] = out.lines[0] ?? ['INFO', '']
  console.log(level, text, out.status === 'CANCELLED', out.progress[0]?.[1], out.result.rows)
  try {
    await call()
  } catch (error) {
    if (error instanceof ApiError) console.log(error.status, error.code, error.pointer, error.hint, error.cause)
    else if (error instanceof SettingError) console.log(error.message)
    else throw error
  }
}
