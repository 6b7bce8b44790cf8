// lanes.ts - runs of a day on its real time: overlapping ones in lanes, problems without a run below. Pure.

export interface Lane {
  from: number; // ms
  to: number;
}

/** The lane of each run, in their order by `from`: the first that is free again. At most `most` lanes; the last takes the rest. */
export function lanesOf(runs: Lane[], most: number): number[] {
  const free: number[] = [];
  return runs.map((run) => {
    let lane = free.findIndex((until) => until <= run.from);
    if (lane < 0) lane = Math.min(free.length, most - 1);
    free[lane] = Math.max(free[lane] ?? -Infinity, run.to);
    return lane;
  });
}

export interface Bucket {
  from: number;
  counts: Record<string, number>;
}

/** Counts per step of what is due in it. */
export function buckets(items: { at: number; status: string }[], every: number): Bucket[] {
  const all = new Map<number, Bucket>();
  for (const { at, status } of items) {
    const from = Math.floor(at / every) * every;
    const bucket = all.get(from) ?? { from, counts: {} };
    bucket.counts[status] = (bucket.counts[status] ?? 0) + 1;
    all.set(from, bucket);
  }
  return [...all.values()].sort((a, b) => a.from - b.from);
}
