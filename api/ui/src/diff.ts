// diff.ts - what differs between two JSON documents, by JSON pointer (RFC 6901). Pure.

export interface Change {
  pointer: string;
  from?: unknown;
  to?: unknown;
}

const isObject = (v: unknown): v is Record<string, unknown> => typeof v === 'object' && v !== null && !Array.isArray(v);
const escaped = (key: string): string => key.replaceAll('~', '~0').replaceAll('/', '~1');

/** Objects member by member, lists place by place; anything else as a whole. */
export function diff(from: unknown, to: unknown, at = ''): Change[] {
  if (JSON.stringify(from) === JSON.stringify(to)) return [];
  if (Array.isArray(from) && Array.isArray(to))
    return Array.from({ length: Math.max(from.length, to.length) }, (_, i) => diff(from[i], to[i], `${at}/${i}`)).flat();
  if (isObject(from) && isObject(to))
    return [...new Set([...Object.keys(from), ...Object.keys(to)])].flatMap((key) => diff(from[key], to[key], `${at}/${escaped(key)}`));
  return [{ pointer: at, from, to }];
}
