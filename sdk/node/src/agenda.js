/**
 * What is to be looked at, and when: the earliest first. Pure.
 *
 * Whoever is to be looked at earlier than he said has a second entry; the first one is of no use then, and may be far away. `tidy` drops such.
 */
const FEW = 64 // entries that are never too many
export class Agenda {
  #heap = []

  /** The earliest instant; Infinity: nothing. */
  get next () {
    return this.#heap.length > 0 ? this.#heap[0].at : Infinity
  }

  get size () {
    return this.#heap.length
  }

  /** The entry: {at, what}. */
  add (at, what) {
    const heap = this.#heap
    const entry = { at, what }
    let place = heap.length
    while (place > 0) {
      const above = (place - 1) >> 1
      if (heap[above].at <= at) break
      heap[place] = heap[above]
      place = above
    }
    heap[place] = entry
    return entry
  }

  /** The earliest entry. */
  take () {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (heap.length > 0) this.#sink(last, 0)
    return first
  }

  /** Drops the entries that are of no use where there are more of them than of the others, of which there are `used` at most. */
  tidy (used, isOfUse) {
    if (this.#heap.length <= 2 * used + FEW) return
    this.#heap = this.#heap.filter(isOfUse)
    for (let place = (this.#heap.length >> 1) - 1; place >= 0; place--) this.#sink(this.#heap[place], place)
  }

  /** It goes down from that place to where it belongs. */
  #sink (entry, from) {
    const heap = this.#heap
    let place = from
    for (;;) {
      let below = 2 * place + 1
      if (below >= heap.length) break
      if (below + 1 < heap.length && heap[below + 1].at < heap[below].at) below += 1
      if (heap[below].at >= entry.at) break
      heap[place] = heap[below]
      place = below
    }
    heap[place] = entry
  }
}
