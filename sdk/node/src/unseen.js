/** Writes that a reader has yet to wait for, so that a client reads its own: the tables follow the log by some milliseconds. */

/** Tasks; what was written longer ago has been seen by then. */
export const MOST = 256

/** The last command of each task that was written to and not been read since. */
export class Unseen {
  /** @type {Map<string, string>} by task id, the latest at the end */
  #commands = new Map()

  /**
   * Commands of one task are carried out in their order: the last one stands for all.
   * @param {string} task  its id
   * @param {string} command
   */
  wrote (task, command) {
    this.#commands.delete(task)
    this.#commands.set(task, command)
    for (const oldest of this.#commands.keys()) {
      if (this.#commands.size <= MOST) break
      this.#commands.delete(oldest)
    }
  }

  /** @param {string} task */
  of (task) {
    return this.#commands.get(task)
  }

  /** The latest last. @returns {string[]} */
  all () {
    return [...this.#commands.values()]
  }

  /** @param {string} command */
  saw (command) {
    for (const [task, last] of this.#commands) {
      if (last === command) this.#commands.delete(task)
    }
  }
}
