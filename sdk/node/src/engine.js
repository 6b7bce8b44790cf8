/**
 * What a worker does, and when: pure. No clock, no network, no thread.
 *
 * Whatever happens comes in as a call (a message was read, a record was acknowledged, a handler has ended); then `step` does what can be
 * done, by way of its port (commands.js). `wake` says when there is something to do without anything having happened.
 *
 * The member of the group stays one whatever is read, so the queue is read only while the inbox has room. An assignment is over when
 * `revoking` has been answered: an answer to a commit that is on its way comes before it. Where the group has no position whoever comes
 * next looks through `status`: so the answers to what is being announced there come before it, too, within two seconds.
 */
import { Agenda } from './agenda.js'
import { Beginnings } from './beginnings.js'
import { Cause } from './cause.js'
import { checkCreated } from './check.js'
import { decode, Malformed } from './codec.js'
import { Inbox, keyOf } from './inbox.js'
import { outcomeOf, Phase, RETRY, Run } from './run.js'
import { durationText } from './settings.js'

const AFTER_SHUTDOWN = 3 // seconds from SHUTDOWN until FAILED is said
const LAST_REPORTS = 5 // seconds for what is unsent then
const TELL_AGAIN = 10 // seconds, of what is passed over
const LET_GO = 2 // seconds that the end of an assignment waits for what is being announced
const SCAN_BEFORE = 60_000_000 // microseconds before the backlog that `status` is read from

export class Engine {
  #limits
  #port
  #room
  #writer
  #queuePartitions = 0
  #beginnings = new Beginnings()
  // the group
  #isStarted = false
  #isReading = false
  #isLeaving = false
  #hasBegun = false // something of the assignment is read
  #revoked = [] // to be called when the assignment is over,
  #letGoAt = Infinity // then at the latest, but for a commit
  #storing = null
  #storeAt = -Infinity // not before
  #toLocate = new Map()
  #isLocating = false
  #locateAt = -Infinity
  #afterScan = new Map()
  #scanning = 0 // the number of the last scan
  // who is to be looked at
  #due = []
  #later = new Agenda()
  // what cannot be used
  #passedOver = 0
  #toldAt = -Infinity
  #toldOfCancels = false
  // the end
  #shutdownAt = Infinity
  #failAt = Infinity
  #overAt = Infinity

  /** limits, port: commands.js; name, incarnation: of the worker; room: of all unsent lines. */
  constructor (limits, name, incarnation, port, room) {
    this.now = 0 // of this turn: wall clock microseconds,
    this.tick = 0 // and a clock that never jumps, seconds
    this.inbox = new Inbox(limits.concurrency)
    this.isDraining = false
    this.isBroken = false
    this.hasLeft = false
    this.runs = new Map()
    this.#limits = limits
    this.#port = port
    this.#room = room
    this.#writer = { name, incarnation, partitions: 0 }
  }

  // --- the group ---

  /** The topics are there, and the group is being joined. partitions: of `status`. */
  started (partitions, queuePartitions) {
    this.#writer = { ...this.#writer, partitions }
    this.#queuePartitions = queuePartitions
    this.#isStarted = true
  }

  assigned (partitions) {
    this.#takeLeave(this.inbox.assign(partitions))
    this.#toLocate = new Map(partitions.map(partition => [partition, false]))
  }

  /** The assignment is about to be over; done is called when it is. */
  revoking (done) {
    if (this.#revoked.length === 0) this.#letGoAt = this.tick + LET_GO
    this.#revoked.push(done)
  }

  /** Behind the answer to a commit, and behind those to reports that the next owner is to find in `status`. */
  #finishRevoking () {
    if (this.#revoked.length === 0 || this.#storing !== null || (this.inbox.isAnnouncing && this.tick < this.#letGoAt)) return
    this.#takeLeave(this.inbox.revoke())
    for (const done of this.#revoked) done()
    this.#revoked = []
  }

  #takeLeave ({ handed, forgotten }) {
    this.#scanning += 1 // whatever is under way is of no use
    this.#port.stopScan()
    this.#port.release()
    this.#isReading = this.#isLocating = this.#hasBegun = false
    this.#toLocate = new Map()
    this.#afterScan = new Map()
    for (const claim of forgotten) {
      claim.job.phase = Phase.GONE
      this.#mark(claim.job)
    }
    this.#start(handed)
    this.#beginnings.forget()
    this.#tellWhatWasLeftOut()
  }

  left () {
    this.hasLeft = true
    this.#takeLeave(this.inbox.revoke())
  }

  /** The worker cannot go on. */
  broke (why) {
    if (!this.isBroken) this.#port.notice('ERROR', why)
    this.isBroken = true
    this.drain()
  }

  // --- where to begin ---

  located (generation, spots) {
    if (generation !== this.inbox.generation) return
    this.#isLocating = false
    const ready = new Map()
    for (const spot of spots) {
      this.#toLocate.delete(spot.partition)
      this.#beginAt(spot, ready)
    }
    if (ready.size > 0) this.#begin(ready)
    if (this.#afterScan.size === 0) return
    this.#port.notice('INFO', `the group ${this.#limits.group} has no position in ${this.#afterScan.size} partitions of ${this.#limits.queueTopic}:` +
      ` takes what came in the last ${durationText(this.#limits.backlog)}, and of that what no worker has reported on`)
    this.#scanning += 1
    this.#port.scan(this.#scanning, this.#statusPartitions(), Math.max(this.#backlogStart() - SCAN_BEFORE, 0))
  }

  #beginAt ({ partition, stored, oldest, end }, ready) {
    if (stored !== null) {
      this.inbox.begin(partition, stored)
      ready.set(partition, stored)
      return
    }
    this.inbox.begin(partition, null, this.#backlogStart())
    this.#beginnings.begin(partition)
    if (oldest === null) ready.set(partition, end) // whatever lies there is older
    else this.#afterScan.set(partition, oldest)
  }

  #begin (starts) {
    this.#hasBegun = true
    this.#port.begin(this.inbox.generation, starts)
  }

  notLocated (generation, why) {
    if (generation !== this.inbox.generation) return
    this.#isLocating = false
    this.#locateAt = this.tick + RETRY
    this.#port.notice('WARN', `could not ask for the group's positions: ${why}`)
  }

  /** Its records were deleted, or the topic was made anew. */
  positionLost (generation, partition) {
    if (generation === this.inbox.generation) this.#toLocate.set(partition, true)
  }

  #backlogStart () {
    return Math.max(this.now - this.#limits.backlog * 1000, 0)
  }

  /** Those to look through: all, where the queue's do not match them one by one. */
  #statusPartitions () {
    if (this.#queuePartitions === this.#writer.partitions) return [...this.#afterScan.keys()].sort((a, b) => a - b)
    return Array.from({ length: this.#writer.partitions }, (_, number) => number)
  }

  /** Of `status`: {report, partition, offset, at}. scan: as it was begun. */
  reported (scan, reports) {
    if (scan !== this.#scanning) return
    for (const { report, partition, offset, at } of reports) this.#beginnings.take(report, partition, offset, at, this.#writer.partitions)
  }

  scanned (scan) {
    if (scan !== this.#scanning) return
    const starts = this.#afterScan
    this.#afterScan = new Map()
    this.#begin(starts)
  }

  /** It is begun anew. The group is not asked again: the position that is gone may still stand there. */
  notScanned (scan, why) {
    if (scan !== this.#scanning) return
    this.#port.notice('WARN', why)
    for (const partition of this.#afterScan.keys()) this.#toLocate.set(partition, true)
    this.#afterScan = new Map()
    this.#locateAt = this.tick + RETRY
  }

  #tellWhatWasLeftOut () {
    const known = this.#beginnings
    if (!known.isOver) return
    if (known.leftOut > 0) {
      this.#port.notice('INFO', `left out ${known.leftOut} executions of ${this.#limits.queueTopic} that were reported on or are older`)
    }
    if (known.unknown > 0) {
      this.#port.notice('WARN', `left out ${known.unknown} executions of ${this.#limits.queueTopic}, since reports as old as they had no room:` +
        ' those still PENDING never ran (cronobs execution list, cronobs task trigger)')
    }
    known.leftOut = known.unknown = 0
  }

  // --- messages ---

  /** What was read, and where the end of what may be read was reached: partition -> offset. */
  fetched (generation, messages, ends) {
    if (generation !== this.inbox.generation) return
    this.#isReading = false
    for (const message of messages) this.#take(message)
    for (const [partition, offset] of ends) this.inbox.end(partition, offset)
  }

  #take (message) {
    let execution = null
    try {
      execution = this.#executionOf(message)
    } catch (error) {
      this.#passOver(this.#limits.queueTopic, message, error)
    }
    this.inbox.take(message.partition, message.offset, execution, message.at)
  }

  /** null: it is left out. Throws Malformed: nobody can use it. */
  #executionOf (message) {
    if (message.value === null) throw new Malformed(message.why ?? 'no value')
    const execution = decode(message.value, 'ExecutionCreated')
    checkCreated(execution, this.#writer.partitions)
    if (this.#beginnings.leavesOut(execution, message.partition, message.at, this.inbox.oldestOf(message.partition))) return null
    execution.traceparent = message.traceparent // of the record's header
    if (execution.payload !== null) execution.payload = Buffer.from(execution.payload) // else all that was fetched with it lives as long as it runs
    return execution
  }

  /** What nobody can use is counted and told, not each by itself: there may be millions. */
  #passOver (topic, message, error) {
    if (!(error instanceof Malformed)) throw error
    this.#passedOver += 1
    if (this.tick < this.#toldAt + TELL_AGAIN) return
    this.#toldAt = this.tick
    this.#port.notice('ERROR', `passed over ${topic}[${message.partition}] at ${message.offset}: ${error.message} (${this.#passedOver} so far)`)
  }

  /** Of `control`. */
  signalled (messages) {
    for (const message of messages) {
      try {
        if (message.value === null) throw new Malformed(message.why ?? 'no value')
        const signal = decode(message.value, 'ExecutionSignal')
        if (signal.signal === 'CANCEL') this.#cancel(signal)
      } catch (error) {
        this.#passOver(this.#limits.controlTopic, message, error)
      }
    }
  }

  #cancel ({ execution_id: id, task_id: task, attempt }) {
    this.inbox.cancel(id, task, attempt)
    const run = this.runs.get(keyOf(id, attempt))
    if (run !== undefined && run.execution.task_id === task) this.#tell(run, Cause.CANCEL)
    if (this.inbox.cancelsLost > 0 && !this.#toldOfCancels) {
      this.#toldOfCancels = true
      this.#port.notice('WARN', `${this.#limits.controlTopic} holds more cancellations than are remembered: what the oldest of them are about is run` +
        ' if it still waits in the queue')
    }
  }

  /** To its end, once. */
  controlIsRead () {
    this.inbox.cancelsAreKnown()
  }

  // --- answers of the brokers ---

  /** outcome: made, refused (nothing was committed), unanswered (it may have been). */
  stored (commit, outcome, why = '') {
    this.#storing = null
    if (outcome === 'made') {
      this.inbox.committed(commit)
      this.#beginnings.committed(commit.positions.keys())
      this.#tellWhatWasLeftOut()
      return
    }
    if (outcome === 'refused') this.inbox.refused(commit)
    else this.inbox.unanswered(commit)
    this.#storeAt = this.tick + RETRY
    this.#port.notice('WARN', `will commit the position again: ${why}`)
  }

  /** Of a record in a run's queue; error null: the brokers have it. */
  answered (run, error, isHopeless) {
    if (error !== null && isHopeless) this.#port.notice('ERROR', `dropped a record of execution ${run.execution.execution_id}: ${error}`)
    else if (error !== null) this.#port.notice('WARN', `will publish it again: ${error}`)
    const weight = run.answered(error === null || isHopeless, this.tick)
    if (weight > 0) this.#room.sent(weight)
    if (run.phase === Phase.CLAIMED) this.inbox.announced(run.claim)
    this.#mark(run)
  }

  /** Of a sign of life, which is not sent again. */
  beatAnswered (run, error) {
    if (error !== null) this.#port.notice('WARN', `a sign of life was lost: ${error}`)
    run.beat.answered(error === null, this.tick)
    this.#mark(run)
  }

  // --- handlers ---

  /** There are lines to be sent. */
  logged (run) {
    this.#mark(run)
  }

  progressed (run, percent, note) {
    if (run.phase !== Phase.WORKING) return
    run.beat.say(percent, note)
    this.#mark(run)
  }

  /** The handler is done. */
  ended (run, outcome) {
    this.inbox.done(run.claim)
    if (run.phase === Phase.WORKING) this.#end(run, outcome)
  }

  #end (run, outcome) {
    this.#port.close(run)
    run.end(outcome, this.now, this.tick)
    this.#mark(run)
  }

  #tell (run, cause) {
    if (run.cause !== null || run.phase > Phase.WORKING) return
    run.told(cause, this.tick)
    if (run.phase === Phase.WORKING) this.#port.tell(run, cause)
    this.#mark(run)
  }

  // --- the end ---

  /** Claims nothing more, leaves the group, lets handlers go on for a while. */
  drain () {
    if (this.isDraining) return
    this.isDraining = true
    this.#shutdownAt = this.tick + this.#limits.drain / 1000
  }

  /** As if the time for handlers were over. */
  hurry () {
    this.drain()
    this.#shutdownAt = Math.min(this.#shutdownAt, this.tick)
  }

  /** All is reported, or the time for it is over. */
  get isOver () {
    return this.isDraining && ((this.hasLeft && this.runs.size === 0) || this.tick >= this.#overAt)
  }

  get unreported () {
    return this.runs.size
  }

  #shutDown () {
    if (this.tick >= this.#shutdownAt) {
      this.#shutdownAt = Infinity
      this.#failAt = this.tick + AFTER_SHUTDOWN
      for (const run of this.runs.values()) this.#tell(run, Cause.SHUTDOWN)
    }
    if (this.tick < this.#failAt && (this.#failAt === Infinity || this.#works())) return
    this.#failAt = Infinity
    this.#overAt = Math.min(this.#overAt, this.tick + LAST_REPORTS)
    for (const run of this.runs.values()) {
      if (run.phase === Phase.WORKING) this.#end(run, outcomeOf('FAILED', { reason: 'WORKER_SHUTDOWN', message: 'the worker was shut down' }))
    }
  }

  #works () {
    for (const run of this.runs.values()) {
      if (run.phase === Phase.WORKING) return true
    }
    return false
  }

  // --- a turn ---

  /** Does what can be done now. */
  step () {
    this.#shutDown()
    this.#finishRevoking()
    this.#claim()
    this.#commit()
    this.#start(this.inbox.handOut())
    this.#claim() // where that was the end of a turn: maybe nothing else happens for a while
    this.#attend()
    this.#useReader()
  }

  /** The tick at which there is something to do. */
  wake () {
    if (this.#due.length > 0) return -Infinity
    let wake = Math.min(this.#shutdownAt, this.#failAt, this.#overAt, this.#later.next)
    if (this.#storing === null && this.#revoked.length > 0) wake = Math.min(wake, this.#letGoAt)
    if (this.#storing === null && this.#storeAt > this.tick) wake = Math.min(wake, this.#storeAt)
    if (this.#toLocate.size > 0 && !this.#isLocating && !this.#isLeaving) wake = Math.min(wake, this.#locateAt)
    return wake
  }

  #claim () {
    if (this.isDraining || this.#revoked.length > 0) return
    for (const claim of this.inbox.claim(this.now)) {
      const run = new Run(claim, this.#writer, this.#room, this.#limits.stopWhenLost)
      claim.job = run
      this.runs.set(claim.key, run)
      this.#mark(run)
    }
  }

  #commit () {
    if (this.#storing !== null || this.tick < this.#storeAt || this.hasLeft || this.#revoked.length > 0) return
    this.#storing = this.inbox.commit()
    if (this.#storing !== null) this.#port.store(this.#storing)
  }

  #start (claims) {
    const begun = []
    for (const { job: run } of claims) {
      run.start(this.tick)
      if (run.cause === null) {
        begun.push(run)
      } else {
        this.inbox.done(run.claim)
        this.#end(run, unbegun(run.cause))
      }
      this.#mark(run)
    }
    if (begun.length > 0) this.#port.start(begun)
  }

  #useReader () {
    if (!this.hasLeft && !this.#isLeaving) {
      if (this.isDraining && !this.inbox.isClaiming && this.#storing === null) {
        this.#isLeaving = true
        this.#port.leave()
      } else if (this.#isStarted && this.#toLocate.size > 0 && !this.#isLocating && this.tick >= this.#locateAt) {
        this.#isLocating = true
        this.#port.locate(this.inbox.generation, new Map(this.#toLocate))
      }
    }
    if (this.#hasBegun && !this.isDraining && !this.#isReading && !this.inbox.isPaused && this.inbox.waiting < this.inbox.room) {
      this.#isReading = true
      this.#port.read(this.inbox.room - this.inbox.waiting)
    }
  }

  // --- records ---

  #mark (run) {
    if (run.isMarked) return
    run.isMarked = true
    this.#due.push(run)
  }

  /** To everybody who was marked, and to whose time has come. */
  #attend () {
    while (this.#later.next <= this.tick) {
      const entry = this.#later.take()
      const run = entry.what
      if (entry !== run.entry) continue
      run.entry = null
      this.#mark(run)
    }
    for (let at = 0; at < this.#due.length; at++) this.#attendTo(this.#due[at])
    this.#due = []
    this.#later.tidy(this.runs.size, entry => entry === entry.what.entry)
  }

  #attendTo (run) {
    run.isMarked = false
    this.#lookAtLimits(run)
    if (run.beatDue() <= this.tick) {
      run.beat.sent(this.tick)
      this.#port.send(run.heartbeat(this.now), run)
    }
    this.#sendNext(run)
    if (run.isOver()) {
      run.entry = null
      if (this.runs.get(run.claim.key) === run) this.runs.delete(run.claim.key)
      return
    }
    const wake = run.wake()
    if (wake < (run.entry?.at ?? Infinity)) run.entry = this.#later.add(wake, run)
  }

  #lookAtLimits (run) {
    if (this.tick >= run.timeoutAt) this.#tell(run, Cause.TIMEOUT)
    if (run.ignoresItsCause(this.tick)) {
      this.#port.notice('WARN', `execution ${run.execution.execution_id} of task '${run.execution.task_key}' goes on 30 s after it was told to end` +
        ` (${run.cause}); it keeps its place`)
    }
    if (this.tick >= run.lostAt()) this.#tell(run, Cause.LOST)
    if (run.contactHasChanged(this.tick)) this.#port.contact(run, run.isOutOfContact)
  }

  #sendNext (run) {
    try {
      const record = run.nextRecord(this.now, this.tick)
      if (record !== null) this.#port.send(record, run)
    } catch (error) {
      if (!(error instanceof Malformed)) throw error
      this.answered(run, error.message, true)
    }
  }
}

/** How one ends that was told to before its handler had it. */
function unbegun (cause) {
  if (cause === Cause.CANCEL) return outcomeOf('CANCELLED', { message: 'it was cancelled before it began' })
  if (cause === Cause.TIMEOUT) return outcomeOf('FAILED', { reason: 'RUN_TIMEOUT', message: 'run timeout' })
  return outcomeOf('FAILED', { reason: 'WORKER_SHUTDOWN', message: 'the worker was shut down before it began' })
}
