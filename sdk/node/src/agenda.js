/** What is to be looked at, and when: the earliest first. Pure. */
export class Agenda {
  #heap = []

  /** The earliest instant; Infinity: nothing. */
  get next () {
    return this.#heap.length > 0 ? this.#heap[0].at : Infinity
  }

  add (at, what) {
    const heap = this.#heap
    let place = heap.length
    while (place > 0) {
      const above = (place - 1) >> 1
      if (heap[above].at <= at) break
      heap[place] = heap[above]
      place = above
    }
    heap[place] = { at, what }
  }

  /** The earliest one. */
  take () {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (heap.length > 0) this.#sink(last)
    return first.what
  }

  /** It comes to the top, and goes down to where it belongs. */
  #sink (entry) {
    const heap = this.#heap
    let place = 0
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
