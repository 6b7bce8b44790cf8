// kept.ts - an answer that was read again: what is in it as before stays the same object, so that nothing of it is drawn anew. Pure.

type Fields = Record<string, unknown>;

const isObject = (value: unknown): value is Fields => typeof value === 'object' && value !== null;

/** What names an item of a list: its first field. */
const nameOf = (item: unknown): unknown => (isObject(item) ? Object.values(item)[0] : item);

/** `now`, with the objects of `before` wherever they say the same; items of lists are found by what names them, wherever they stand. */
export function kept<T>(before: T | undefined, now: T): T {
  if (before === now || !isObject(before) || !isObject(now) || Array.isArray(before) !== Array.isArray(now)) return now;
  const names = Object.keys(now);
  const known = Array.isArray(before) && new Map(before.map((item) => [nameOf(item), item]));
  let same = names.length === Object.keys(before).length;
  for (const name of names) {
    const old = known ? known.get(nameOf(now[name])) : before[name];
    (now as Fields)[name] = kept(old, now[name]);
    same &&= now[name] === before[name];
  }
  return same ? before : now;
}
