// stream.ts - what changes, told by one stream a browser: the tab that holds the lock reads it for all tabs.
//
// The stream says what changed, GET says what is: nothing is played again. After "hello" all that can be seen is read anew. A log
// goes on at the line that its listener has come to, which this file counts: each line is told once, whatever happened between.
// Without locks, and after three failures, each tab asks again by itself: runs each 2 s, lists 5 s, the rest 30 s, while it can be seen.
import { effect, signal } from '@preact/signals';
import { base, build } from './base.ts';
import { parser, type Event } from './sse.ts';
import { answers, awaySince, lostAt, serverSaid } from './state.ts';
import { covers, end, fresh, lineOf, merged, moved, nameOf, type LogPiece } from './topics.ts';

export type { LogPiece } from './topics.ts';

export type LiveState = 'connecting' | 'live' | 'polling' | 'away';
export const live = signal<LiveState>('connecting');
effect(() => { lostAt.value = live.value === 'away' ? lostAt.peek() || Date.now() : 0; });
/** When the next attempt begins, ms of this computer, while the server is away. */
export const retryAt = signal(0);
/** The server has another build of this page. */
export const newVersion = signal(false);

interface Listener {
  topics: string[];
  changed: () => void;
  log?: (piece: LogPiece) => void;
  /** Of its logs, by name: the line that comes next. */
  next: Map<string, number>;
  since: number;
}

const SILENCE = 40_000;
const TAB_IS_GONE = 150_000; // tabs that nobody looks at are woken once a minute

// --- this tab's wishes ---

const listeners = new Set<Listener>();
const hellos = new Set<() => void>();

/** Calls `changed` when one of the topics has; `log` with new lines of a log topic. Returns how to stop. */
export function listen(topics: string[], changed: () => void, log?: Listener['log']): () => void {
  const listener: Listener = { topics, changed, log, next: new Map(topics.map((t) => [nameOf(t), lineOf(t)])), since: Date.now() };
  listeners.add(listener);
  announce();
  return () => {
    listeners.delete(listener);
    announce();
  };
}

/** Calls `fn` each time a stream begins: what can be seen is to be read again. */
export function onHello(fn: () => void): void {
  hellos.add(fn);
}

const wanted = (): string[] => merged([...listeners].flatMap((l) => moved(l.topics, l.next)));

function deliverLines(piece: LogPiece): void {
  const name = nameOf(piece.topic);
  for (const l of listeners) {
    const next = l.next.get(name);
    const part = next === undefined ? undefined : fresh(piece, next);
    if (!part) continue;
    l.next.set(name, end(part));
    l.log?.(part);
  }
}

function deliverChanged(topics: string[]): void {
  const changed = new Set(topics);
  for (const l of listeners) if (l.topics.some((t) => changed.has(t))) l.changed();
}

function deliver(event: string, data: string): void {
  const body = JSON.parse(data) as Record<string, unknown>;
  if (event === 'hello') {
    serverSaid(Date.parse(String(body['now'])));
    if (body['ui'] && build && body['ui'] !== build) newVersion.value = true;
    live.value = 'live';
    if (body['topics']) deliverChanged(body['topics'] as string[]);
    else hellos.forEach((fn) => fn());
  } else if (event === 'changed') {
    deliverChanged(body['topics'] as string[]);
  } else if (event === 'log') {
    deliverLines(body as unknown as LogPiece);
  }
}

// --- among tabs ---

const tab = Math.random().toString(36).slice(2);
const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(`cronobs-stream${base}`);
const others = new Map<string, { topics: string[]; at: number }>();

let leads = false;
let announced = '';

/** Tells the others what is wanted here: when that has changed, or that it still is. */
function announce(still = false): void {
  const topics = wanted();
  const text = topics.join(' ');
  if (!still && text === announced) return;
  if (!still) announced = text;
  channel?.postMessage({ kind: 'wants', tab, topics, still });
  if (leads && !still) again();
}

function tell(event: string, data: string): void {
  channel?.postMessage({ kind: 'event', event, data });
  deliver(event, data);
}

interface Message {
  kind: string;
  tab: string;
  topics: string[];
  still: boolean;
  event: string;
  data: string;
  state: LiveState;
  away: boolean;
}

function heard(message: Message): void {
  const known = others.get(message.tab);
  if (message.kind === 'event' && !leads) deliver(message.event, message.data);
  else if (message.kind === 'state' && !leads) {
    live.value = message.state;
    answers(!message.away);
  }
  else if (message.kind === 'asks') {
    announce(true);
    if (leads) state(live.value);
  } else if (message.kind === 'leaves') {
    others.delete(message.tab);
    if (leads) again();
  } else if (message.kind === 'wants' && known && message.still) known.at = Date.now();
  else if (message.kind === 'wants') {
    others.set(message.tab, { topics: message.topics, at: Date.now() });
    if (leads) again();
  }
}

function state(to: LiveState): void {
  live.value = to;
  channel?.postMessage({ kind: 'state', state: to, away: awaySince.peek() !== 0 });
}

// --- the stream, in the tab that leads ---

let running: { cut: AbortController; lives: boolean } | undefined;
/** What the running stream tells; of logs the next line. */
let told = new Map<string, number>();
let timer: ReturnType<typeof setTimeout> | undefined;

function allTopics(): string[] {
  for (const [name, other] of others) if (Date.now() - other.at > TAB_IS_GONE) others.delete(name);
  return merged([...wanted(), ...[...others.values()].flatMap((o) => o.topics)]);
}

/** Other topics mean another request, and so does a line that was told before somebody wanted it; the stream before goes on until the
 *  new one's hello. */
function again(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    if (!covers(told, allTopics())) void read();
  }, 50);
}

/** Takes what one stream says, until it ends or is cut; what the last word says of when to come back, if there is one. */
async function follow(cut: AbortController, topics: string[], take: (e: Event) => number | undefined): Promise<number | undefined> {
  let quiet: ReturnType<typeof setTimeout> | undefined;
  let pause: number | undefined;
  const alive = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(() => cut.abort(), SILENCE);
  };
  try {
    alive();
    const response = await fetch(`${base}/v1/stream${topics.length ? `?topics=${encodeURIComponent(topics.join(','))}` : ''}`, { signal: cut.signal, cache: 'no-store' })
      .catch((error: unknown) => { if (!cut.signal.aborted) answers(false); throw error; });
    answers(true);
    if (!response.ok || !response.body) throw new Error(String(response.status));
    const parse = parser((e) => { pause ??= take(e); });
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    while (pause === undefined) {
      const { done, value } = await reader.read();
      if (done) break;
      alive();
      parse(decoder.decode(value, { stream: true }));
    }
  } catch { /* its end is all that counts */ }
  clearTimeout(quiet);
  cut.abort();
  return pause;
}

async function read(): Promise<void> {
  const before = running;
  const mine = { cut: new AbortController(), lives: true };
  const topics = allTopics();
  const lines = new Map(topics.map((t) => [nameOf(t), lineOf(t)]));
  const unheard = topics.filter((t) => !told.has(nameOf(t)));
  running = mine;
  told = lines;
  const pause = await follow(mine.cut, topics, (e) => {
    if (e.event === 'overflow') return 0;
    if (e.event === 'bye') return Number((JSON.parse(e.data) as { retry_ms?: number }).retry_ms ?? 1000);
    if (e.event === 'hello') {
      failures = 0;
      // As long as the one before has gone on, only of what it did not tell something may have been missed.
      tell('hello', before?.lives ? JSON.stringify({ ...JSON.parse(e.data), topics: unheard }) : e.data);
      before?.cut.abort();
    } else if (e.event === 'log') tell('log', placed(lines, JSON.parse(e.data) as LogPiece));
    else tell(e.event, e.data);
    return undefined;
  });
  mine.lives = false;
  before?.cut.abort();
  if (running === mine) retry(pause);
}

/** A piece with the line at which the stream stood before it: whoever was there, in whatever tab, has come as far as the stream. */
function placed(lines: Map<string, number>, piece: LogPiece): string {
  const name = nameOf(piece.topic);
  piece.after = lines.get(name) ?? piece.from;
  for (const other of others.values()) other.topics = other.topics.map((t) => (nameOf(t) === name && lineOf(t) >= piece.after ? moved([t], new Map([[name, end(piece)]]))[0]! : t));
  lines.set(name, end(piece));
  return JSON.stringify(piece);
}

let failures = 0;

function retry(pause?: number): void {
  const usual = Math.min(30_000, 1000 * 2 ** Math.min(failures, 5));
  const wait = (pause ?? usual) * (0.75 + Math.random() / 2);
  told = new Map();
  running = undefined;
  if (pause !== 0) { // who was told too much is not away
    failures++;
    retryAt.value = Date.now() + wait;
    state(failures > 3 ? 'polling' : 'away');
  }
  clearTimeout(timer);
  timer = setTimeout(() => void read(), wait);
}

// --- without a stream ---

const paceOf = (topic: string): number => (/^(execution|log):/.test(topic) ? 2000 : /^days/.test(topic) ? 30_000 : 5000);

/** While a stream tells what changes each is read once in a while, too: it tells nothing while the database is away, reading does. */
const LIVE_PACE = 30_000;

function poll(): void {
  const last = new Map<Listener, number>();
  setInterval(() => {
    if (document.hidden) return;
    for (const l of listeners) {
      const pace = live.value === 'live' && awaySince.value === 0 ? LIVE_PACE : Math.min(...l.topics.map(paceOf));
      if (Date.now() - (last.get(l) ?? l.since) < pace) continue;
      last.set(l, Date.now());
      l.changed();
    }
  }, 1000);
}

export function start(): void {
  poll();
  if (!channel || !navigator.locks) {
    live.value = 'polling';
    return;
  }
  channel.onmessage = (e) => heard(e.data);
  setInterval(() => announce(true), 20_000);
  addEventListener('pagehide', () => channel.postMessage({ kind: 'leaves', tab }));
  addEventListener('pageshow', (e) => { if (e.persisted) announce(true); });
  void navigator.locks.request(`cronobs-stream${base}`, async () => {
    leads = true;
    channel.postMessage({ kind: 'asks' });
    void read();
    await new Promise(() => { /* held until this tab ends */ });
  });
  channel.postMessage({ kind: 'asks' });
}
