/**
 * Executions that were read and not yet handed out, and how far each partition's position may go.
 *
 * Pure: no clock, no network. Times are wall clock microseconds and arguments.
 *
 * An execution is claimed in three steps that each wait for the one before: RUNNING is in the log; the group's
 * position is past the execution; the handler has it. Killed between the first two, the execution is run by whoever
 * reads it next; killed after them, it is one that was RUNNING when its worker died. Claims go in turns: as many as
 * there are free places, all acknowledgements, one commit, hand out.
 *
 * Invariant: the position to commit in a partition is the offset of its first execution that is not announced or,
 * when there is none, the offset to read next. So what was not announced is read again by whoever owns the partition
 * next, and what was is not. A commit that was refused counts for nothing: it is made again, and when the assignment
 * goes, so do its claims. One without an answer may have been made: when the assignment goes, its claims are handed
 * out all the same. They may run twice, but nobody else might run them at all.
 *
 * A partition of which the group has no position gets its first one when all that lay there is settled: until then whoever comes next
 * must look through `status` as we did, so what is announced there is handed out without a commit. From when the first one is asked for it
 * may stand, and be read from: hand-out waits for it as for any other, unless it is refused. Where the partition goes meanwhile, what is
 * announced is handed out all the same.
 *
 *     inbox.assign([0, 1])                                 // the client says so
 *     inbox.begin(0, 17); inbox.begin(1, null, oldest)     // ... positions of the group, or none
 *     inbox.take(0, 17, execution, at)                     // a message was read
 *     for (const claim of inbox.claim(now)) ...            // publish RUNNING for each, then inbox.announced(claim)
 *     const commit = inbox.commit()                        // commit its positions, then committed/refused/unanswered(commit)
 *     for (const claim of inbox.handOut()) ...             // start its handler, then inbox.done(claim)
 */

export const ROOM = 500 // executions read ahead, not yet claimed
export const SEEN_MAX = 16_384 // executions that were taken on, remembered with their highest attempt
export const CANCELS_MAX = 524_288 // cancellations that are remembered

/**
 * waiting: read, not yet claimed. claiming: RUNNING is on its way. claimed: the log has RUNNING; the position is to be committed. handed: its
 * handler may run. gone: done, or forgotten: another worker reads it.
 */
export const State = Object.freeze({ WAITING: 'waiting', CLAIMING: 'claiming', CLAIMED: 'claimed', HANDED: 'handed', GONE: 'gone' })

/** The name of an attempt of an execution. */
export const keyOf = (executionId, attempt) => `${executionId}/${attempt}`

/** An execution that was read from the queue; `execution` is the record as decode made it. */
export class Claim {
  constructor (execution, partition, offset) {
    this.execution = execution
    this.key = keyOf(execution.execution_id, execution.attempt)
    this.partition = partition
    this.offset = offset // null: it needs no commit, nobody else will read it
    this.state = State.WAITING
    this.job = null // the caller's
  }
}

class Partition {
  constructor (hasNoPosition = false, oldest = 0) {
    this.next = hasNoPosition ? 0 : null // to be read next; null: not known yet
    this.committed = -1 // what the group's position is known to be
    this.maybe = -1 // what it may be: the commit had no answer
    this.end = null // where what lay there ended, when its end was reached for the first time
    this.hasNoPosition = hasNoPosition // the group knows none, or one that is gone
    this.oldest = oldest // with it: what is older is passed over
  }
}

export class Inbox {
  #knowsCancels = false
  #partitions = new Map()
  #waiting = [] // in the order they were read
  #turn = [] // CLAIMING and CLAIMED
  #running = new Map() // from the claim until it is done
  #commit = null // asked for, without an answer
  #seen = new Map()
  #cancelled = new Set()
  #limits

  /** concurrency: places, for claims that were begun and are not done. */
  constructor (concurrency, room = ROOM, { seenMax = SEEN_MAX, cancelsMax = CANCELS_MAX } = {}) {
    this.concurrency = concurrency
    this.room = room
    this.#limits = { seenMax, cancelsMax }
    this.generation = 0 // one more with each assignment, and when one goes
    this.cancelsLost = 0 // cancellations that are not remembered any more
    this.isPaused = false // full: nothing more is to be read. An assignment begins unpaused
  }

  // --- the assignment ---

  /** A new assignment, with positions that nobody knows yet; the one before is over. */
  assign (partitions) {
    const gone = this.revoke()
    for (const partition of partitions) this.#partitions.set(partition, new Partition())
    return gone
  }

  /**
   * The assignment is over, or the client starts anew. handed: claims that are to be run, since nobody else might; forgotten: others read
   * them, and whoever waits for one is to be woken. Those that are still being announced where there was no position stay: they need no commit any more.
   */
  revoke () {
    if (this.#commit !== null) this.unanswered(this.#commit)
    for (const p of this.#partitions.values()) p.committed = Math.max(p.committed, p.maybe)
    for (const claim of this.#turn) {
      if (this.#isAlone(claim)) claim.offset = null
    }
    const handed = this.handOut()
    const forgotten = this.#turn.filter(claim => claim.offset !== null)
    for (const claim of forgotten) this.#forget(claim)
    this.#turn = this.#turn.filter(claim => claim.offset === null)
    this.#waiting = []
    this.#partitions.clear()
    this.generation += 1
    this.isPaused = false
    return { handed, forgotten }
  }

  /**
   * The group's position in a partition of ours. null: it has none, or one that is gone from the topic: reading begins with the backlog, and
   * what is older than `oldest` is passed over.
   */
  begin (partition, stored, oldest = 0) {
    if (!this.#partitions.has(partition)) return
    if (stored === null) {
      this.#partitions.set(partition, new Partition(true, oldest))
    } else {
      const p = this.#partitions.get(partition)
      p.next = p.committed = stored
    }
    this.#leaveBehind(partition)
  }

  /** Where the group has no position in the partition: what is older is passed over. */
  oldestOf (partition) {
    return this.#partitions.get(partition)?.oldest ?? 0
  }

  // --- reading ---

  /**
   * A message was read, written at `at` by the broker's clock; execution null: nobody can use it.
   * false: the partition is not ours (any more), or where to begin is not known yet.
   */
  take (partition, offset, execution, at = 0) {
    const p = this.#partitions.get(partition)
    if (p === undefined || p.next === null) return false
    p.next = offset + 1
    if (execution !== null && !(p.hasNoPosition && at < p.oldest)) {
      this.#waiting.push(new Claim(execution, partition, offset))
      this.#lookForRoom()
    }
    return true
  }

  /** The end of what may be read was reached: the next message will have that offset or a higher one. */
  end (partition, offset) {
    const p = this.#partitions.get(partition)
    if (p === undefined || p.next === null) return
    p.next = Math.max(p.next, offset)
    p.end ??= p.next
  }

  // --- cancellations ---

  /** An attempt is cancelled: it is not claimed any more. The claim when it has one, whose handler is to be told, else null. */
  cancel (executionId, taskId, attempt) {
    this.#cancelled.add(cancelKey(executionId, taskId, attempt))
    if (this.#cancelled.size > this.#limits.cancelsMax) {
      this.#cancelled.delete(this.#cancelled.values().next().value)
      this.cancelsLost += 1
    }
    const claim = this.#running.get(keyOf(executionId, attempt))
    return claim !== undefined && claim.execution.task_id === taskId ? claim : null
  }

  /** `control` was read to its end once: nothing is claimed before. */
  cancelsAreKnown () {
    this.#knowsCancels = true
  }

  // --- claims ---

  /** Places that are taken. */
  get busy () {
    return this.#running.size
  }

  get waiting () {
    return this.#waiting.length
  }

  /** A turn is under way: claims that are neither handed out nor forgotten. */
  get isClaiming () {
    return this.#turn.length > 0
  }

  /** RUNNING is on its way for claims whose partition has no position: whoever has it next must find that in `status`. */
  get isAnnouncing () {
    return this.#turn.some(claim => claim.state === State.CLAIMING && this.#isAlone(claim))
  }

  /** Begins a turn: those for which RUNNING is to be published. Empty while another one is under way. */
  claim (now) {
    if (this.#turn.length > 0 || !this.#knowsCancels) return []
    let read = 0
    while (read < this.#waiting.length && this.busy < this.concurrency) {
      const claim = this.#waiting[read++]
      if (this.#mustSkip(claim, now)) {
        claim.state = State.GONE
        continue
      }
      claim.state = State.CLAIMING
      this.#turn.push(claim)
      this.#running.set(claim.key, claim)
    }
    if (read > 0) this.#waiting.splice(0, read)
    this.#lookForRoom()
    return [...this.#turn]
  }

  /** The log has its RUNNING. false: it was forgotten meanwhile. */
  announced (claim) {
    if (claim.state !== State.CLAIMING) return false
    claim.state = State.CLAIMED
    return true
  }

  /** Announced ones that the group's position is past, or that need no commit: their handlers may run. */
  handOut () {
    const ready = this.#turn.filter(claim => this.#isReady(claim))
    if (ready.length === 0) return ready
    for (const claim of ready) {
      claim.state = State.HANDED
      this.note(claim.execution.execution_id, claim.execution.attempt)
    }
    this.#turn = this.#turn.filter(claim => claim.state !== State.HANDED)
    return ready
  }

  /** Its handler has ended: the place is free. */
  done (claim) {
    claim.state = State.GONE
    if (this.#running.get(claim.key) === claim) this.#running.delete(claim.key) // else it was forgotten, and maybe read again
  }

  /** That attempt, and those before it, are not taken on again. */
  note (executionId, attempt) {
    this.#seen.set(executionId, Math.max(attempt, this.#seen.get(executionId) ?? 0))
    if (this.#seen.size > this.#limits.seenMax) this.#seen.delete(this.#seen.keys().next().value)
  }

  // --- positions ---

  /** Positions that are to be committed now, {generation, positions: Map}, to be answered by one of the three below; else null. */
  commit () {
    if (this.#commit !== null || !this.#mayCommit()) return null
    const moved = new Map()
    for (const [n, at] of this.#positions()) {
      if (at > this.#partitions.get(n).committed) moved.set(n, at)
    }
    if (moved.size === 0) return null
    this.#commit = { generation: this.generation, positions: moved }
    return this.#commit
  }

  committed (commit) {
    if (!this.#isAnswer(commit)) return
    for (const [partition, position] of commit.positions) {
      const p = this.#partitions.get(partition)
      p.committed = position
      p.hasNoPosition = false
    }
  }

  /**
   * A rebalance is going on, the generation is an older one, the group does not know us: nothing was committed. Commit again after
   * a while; the client will say soon that the assignment is over.
   */
  refused (commit) {
    this.#isAnswer(commit)
  }

  /** It may have been made. Commit again after a while. */
  unanswered (commit) {
    if (!this.#isAnswer(commit)) return
    for (const [partition, position] of commit.positions) {
      const p = this.#partitions.get(partition)
      p.maybe = Math.max(p.maybe, position)
    }
  }

  // --- inside ---

  /** What was read there before its position was gone, and is to be committed no more. */
  #leaveBehind (partition) {
    for (const claim of [...this.#waiting, ...this.#turn]) {
      if (claim.partition === partition) claim.offset = null
    }
    if (this.#commit !== null) this.#commit.positions.delete(partition)
  }

  #lookForRoom () {
    if (this.#waiting.length >= this.room) this.isPaused = true
    else if (this.#waiting.length <= Math.floor(this.room / 2)) this.isPaused = false
  }

  #mustSkip (claim, now) {
    const { execution_id: id, task_id: task, attempt, start_by: startBy } = claim.execution
    return (startBy !== null && startBy < now) || this.#running.has(claim.key) || (this.#seen.get(id) ?? 0) >= attempt ||
      this.#cancelled.has(cancelKey(id, task, attempt))
  }

  #forget (claim) {
    claim.state = State.GONE
    this.#running.delete(claim.key)
  }

  #isReady (claim) {
    if (claim.state !== State.CLAIMED) return false
    if (claim.offset === null) return true
    const p = this.#partitions.get(claim.partition)
    return p.committed > claim.offset || (p.hasNoPosition && !this.#mayHaveOne(claim.partition))
  }

  /** Once it is announced, whoever has the partition next may leave it alone, and nobody else run it. */
  #isAlone (claim) {
    return claim.offset === null || this.#partitions.get(claim.partition).hasNoPosition
  }

  /** A first position was asked for and not refused: whoever has the partition next may read from there, whatever `status` says. */
  #mayHaveOne (partition) {
    return this.#commit?.positions.has(partition) || this.#partitions.get(partition).maybe >= 0
  }

  #mayCommit () {
    if (this.#turn.length > 0) return this.#turn.every(claim => claim.state === State.CLAIMED)
    for (const p of this.#partitions.values()) {
      if (p.hasNoPosition && p.end !== null) return true
    }
    return false
  }

  /** To be committed, moved or not. Where a first one would stand before the end of what lay there, there is none. */
  #positions () {
    const positions = new Map()
    for (const [n, p] of this.#partitions) {
      if (p.next !== null) positions.set(n, p.next)
    }
    const hold = claim => {
      if (claim.offset !== null && claim.state !== State.CLAIMED) {
        positions.set(claim.partition, Math.min(positions.get(claim.partition), claim.offset))
      }
    }
    this.#waiting.forEach(hold)
    this.#turn.forEach(hold)
    for (const [n, at] of positions) {
      if (!mayStand(this.#partitions.get(n), at)) positions.delete(n)
    }
    return positions
  }

  #isAnswer (commit) {
    const isOurs = commit === this.#commit
    if (isOurs) this.#commit = null
    return isOurs
  }
}

const cancelKey = (executionId, taskId, attempt) => `${executionId}/${attempt} ${taskId}`

const mayStand = (p, position) => !p.hasNoPosition || (p.end !== null && position >= p.end)
