// zone.ts - local time by the server's own rules: the browser's may be older, and must not disagree with the scheduler. Pure.

/** From this instant (ms) the zone's clocks stand `offset` (ms) ahead of UTC. Ascending. */
export interface Span {
  from: number;
  offset: number;
}

export interface Zone {
  name: string;
  spans: Span[]; // at least one
}

export interface Civil {
  year: number;
  month: number; // 1-12
  day: number; // 1-31
  hour: number;
  minute: number;
  second: number;
  ms: number;
  weekday: number; // 0 Monday - 6 Sunday
  offset: number; // ms
}

export const DAY = 86_400_000;
export const utc: Zone = { name: 'UTC', spans: [{ from: -Infinity, offset: 0 }] };

/** Where in `spans` an instant lies; before the first span the first one's offset holds. */
function spanAt(spans: Span[], at: number): number {
  let low = 0;
  let high = spans.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (spans[middle]!.from <= at) low = middle;
    else high = middle - 1;
  }
  return low;
}

export const offsetAt = (zone: Zone, at: number): number => zone.spans[spanAt(zone.spans, at)]!.offset;

export function civil(zone: Zone, at: number): Civil {
  const offset = offsetAt(zone, at);
  const d = new Date(at + offset);
  return {
    year: d.getUTCFullYear(), month: d.getUTCMonth() + 1, day: d.getUTCDate(),
    hour: d.getUTCHours(), minute: d.getUTCMinutes(), second: d.getUTCSeconds(), ms: d.getUTCMilliseconds(),
    weekday: (d.getUTCDay() + 6) % 7, offset,
  };
}

/** The local date of an instant, in days since 1970-01-01. */
export const dayOf = (zone: Zone, at: number): number => Math.floor((at + offsetAt(zone, at)) / DAY);

/** The first instant of a local date: where a clock change skips midnight, or the whole day, the first after the gap. */
export const dayStart = (zone: Zone, day: number): number => localInstant(zone, day * DAY);

/** The first instant at which the zone's clocks show `wanted`, given as if they were UTC's; of what they skip, the first after the gap. */
export function localInstant(zone: Zone, wanted: number): number {
  for (let i = 0; i < zone.spans.length; i++) {
    const { from, offset } = zone.spans[i]!;
    const at = i === 0 ? wanted - offset : Math.max(from, wanted - offset);
    if (at < (zone.spans[i + 1]?.from ?? Infinity)) return at;
  }
  return wanted;
}

/** A date that the zone's clocks went past: they were set on by a whole day. */
export const isLeftOut = (zone: Zone, day: number): boolean => dayStart(zone, day) === dayStart(zone, day + 1);

/** The date `by` days on; where the zone has none such, the next that it has. */
export function stepDay(zone: Zone, day: number, by: number): number {
  let to = day + by;
  while (isLeftOut(zone, to)) to += Math.sign(by) || 1;
  return to;
}

/** Does what the clock shows at this instant come twice that day? */
export function comesTwice(zone: Zone, at: number): boolean {
  const offset = offsetAt(zone, at);
  return [at - DAY, at + DAY].some((t) => {
    const other = offsetAt(zone, t);
    return other !== offset && offsetAt(zone, at + offset - other) === other;
  });
}

/** Are the clocks set between two instants? Those changes, ascending. */
export function changes(zone: Zone, from: number, to: number): { at: number; before: number; after: number }[] {
  const list = [];
  for (let i = 1; i < zone.spans.length; i++) {
    const { from: at, offset } = zone.spans[i]!;
    const before = zone.spans[i - 1]!.offset;
    if (at > from && at < to && before !== offset) list.push({ at, before, after: offset });
  }
  return list;
}

/** "2027-03-28" of a day, and back (NaN: none). */
export const dayText = (day: number): string => new Date(day * DAY).toISOString().slice(0, 10);

export function dayRead(text: string): number {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return NaN;
  const day = Date.parse(`${text}T00:00:00Z`) / DAY;
  return dayText(day || 0) === text ? day : NaN;
}
