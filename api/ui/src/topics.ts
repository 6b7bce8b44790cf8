// topics.ts - names of what a stream tells, and where a log stands. Pure.
//
// A log's topic ends with the line it goes on at: log:<execution>:<attempt>:<writer>:<line>. It is the same log wherever it stands.

export const TOPICS_MAX = 32;

export interface LogPiece {
  topic: string;
  /** The number of the first line; the others follow each other. */
  from: number;
  /** Where the stream stood before it: not from, where numbers never arrived. Said by who reads the stream. */
  after: number;
  lines: unknown[];
  /** Others are there already. */
  more: boolean;
}

const isLog = (topic: string): boolean => topic.startsWith('log:');

/** Without the line. */
export const nameOf = (topic: string): string => (isLog(topic) ? topic.slice(0, topic.lastIndexOf(':')) : topic);

/** The first line that is wanted; 0 for all that is no log. */
export const lineOf = (topic: string): number => (isLog(topic) ? Number(topic.slice(topic.lastIndexOf(':') + 1)) : 0);

const withLine = (topic: string, line: number): string => (isLog(topic) ? `${nameOf(topic)}:${line}` : topic);

/** Several wishes as one: each name once, a log from the lowest line that anybody wants; sorted, and no more than a stream takes. */
export function merged(topics: string[]): string[] {
  const lines = new Map<string, number>();
  for (const t of topics) lines.set(nameOf(t), Math.min(lines.get(nameOf(t)) ?? Infinity, lineOf(t)));
  return [...lines].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, TOPICS_MAX).map(([name, line]) => (isLog(name) ? `${name}:${line}` : name));
}

/** Does a stream that has come so far tell all of `wanted`? `told`: by name, the next line of each log that it tells. */
export function covers(told: Map<string, number>, wanted: string[]): boolean {
  return wanted.length === told.size && wanted.every((t) => told.has(nameOf(t)) && lineOf(t) >= told.get(nameOf(t))!);
}

/** The line behind a piece. */
export const end = (piece: LogPiece): number => piece.from + piece.lines.length;

/** What of a piece is new for somebody who waits for line `next`: undefined when nothing is, or when lines before it are still to come. */
export function fresh(piece: LogPiece, next: number): LogPiece | undefined {
  if (next < piece.after || end(piece) <= next) return undefined;
  const known = Math.max(0, next - piece.from);
  return { ...piece, from: piece.from + known, lines: piece.lines.slice(known) };
}

/** The wishes of somebody who has come so far. `next`: by name. */
export const moved = (topics: string[], next: Map<string, number>): string[] =>
  topics.map((t) => withLine(t, Math.max(lineOf(t), next.get(nameOf(t)) ?? 0)));
