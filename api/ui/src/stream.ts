// stream.ts - what changes, told by one stream a browser: the tab that holds the lock reads it for all tabs.
//
// The stream says what changed, GET says what is: nothing is played again. After "hello" all that can be seen is read anew.
// Without locks, and after three failures, each tab asks again by itself: runs each 2 s, lists 5 s, the rest 30 s, while it can be seen.
import { signal } from '@preact/signals';
import { base, build } from './base.ts';
import { parser } from './sse.ts';
import { serverSaid } from './state.ts';

export type LiveState = 'connecting' | 'live' | 'polling' | 'away';
export const live = signal<LiveState>('connecting');
/** When the next attempt begins, ms of this computer, while the server is away. */
export const retryAt = signal(0);
/** The server has another build of this page. */
export const newVersion = signal(false);

export interface LogPiece {
  topic: string;
  from: number;
  lines: unknown[];
  more: boolean;
}

type Listener = { topics: string[]; changed: () => void; log?: (piece: LogPiece) => void };
const TOPICS_MAX = 32;
const SILENCE = 40_000;

// --- this tab's wishes ---

const listeners = new Set<Listener>();
const hellos = new Set<() => void>();

/** Calls `changed` when one of the topics has; `log` with new lines of a log topic. Returns how to stop. */
export function listen(topics: string[], changed: () => void, log?: Listener['log']): () => void {
  const listener: Listener = { topics, changed, log };
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

const wanted = (): string[] => [...new Set([...listeners].flatMap((l) => l.topics))].sort();

// A log's topic ends with the line it goes on at: the same log, wherever it stands.
const nameOf = (topic: string): string => (topic.startsWith('log:') ? topic.slice(0, topic.lastIndexOf(':')) : topic);

function deliver(event: string, data: string): void {
  const body = JSON.parse(data) as Record<string, unknown>;
  if (event === 'hello') {
    serverSaid(Date.parse(String(body['now'])));
    if (body['ui'] && build && body['ui'] !== build) newVersion.value = true;
    live.value = 'live';
    hellos.forEach((fn) => fn());
  } else if (event === 'changed') {
    const changed = new Set(body['topics'] as string[]);
    for (const l of listeners) if (l.topics.some((t) => changed.has(t))) l.changed();
  } else if (event === 'log') {
    const piece = body as unknown as LogPiece;
    for (const l of listeners) if (l.log && l.topics.some((t) => nameOf(t) === nameOf(piece.topic))) l.log(piece);
  }
}

// --- among tabs ---

const tab = Math.random().toString(36).slice(2);
const channel = typeof BroadcastChannel === 'undefined' ? undefined : new BroadcastChannel(`cronobs-stream${base}`);
const others = new Map<string, { topics: string[]; at: number }>();

let leads = false;
let announced = '';

function announce(force = false): void {
  const topics = wanted();
  const text = topics.join(' ');
  if (text === announced && !force) return;
  announced = text;
  channel?.postMessage({ kind: 'wants', tab, topics });
  if (leads) again();
}

function tell(event: string, data: string): void {
  channel?.postMessage({ kind: 'event', event, data });
  deliver(event, data);
}

function heard(message: { kind: string; tab: string; topics: string[]; event: string; data: string; state: LiveState }): void {
  if (message.kind === 'event' && !leads) deliver(message.event, message.data);
  else if (message.kind === 'state' && !leads) live.value = message.state;
  else if (message.kind === 'asks') announce(true);
  else if (message.kind === 'wants') {
    others.set(message.tab, { topics: message.topics, at: Date.now() });
    if (leads) again();
  }
}

function state(to: LiveState): void {
  live.value = to;
  channel?.postMessage({ kind: 'state', state: to });
}

// --- the stream, in the tab that leads ---

let running: AbortController | undefined;
let current = '';
let timer: ReturnType<typeof setTimeout> | undefined;

function allTopics(): string[] {
  for (const [name, other] of others) if (Date.now() - other.at > 60_000) others.delete(name);
  return [...new Set([...wanted(), ...[...others.values()].flatMap((o) => o.topics)])].sort().slice(0, TOPICS_MAX);
}

/** Other topics mean another request; the one before goes on until the new one's hello. */
function again(): void {
  clearTimeout(timer);
  timer = setTimeout(() => {
    const names = [...new Set(allTopics().map(nameOf))].join(' ');
    if (names !== current) void read();
  }, 50);
}

async function read(): Promise<void> {
  const before = running;
  const mine = new AbortController();
  const topics = allTopics();
  let quiet: ReturnType<typeof setTimeout> | undefined;
  const alive = (): void => {
    clearTimeout(quiet);
    quiet = setTimeout(() => mine.abort(), SILENCE);
  };
  running = mine;
  current = [...new Set(topics.map(nameOf))].join(' ');
  try {
    alive();
    const response = await fetch(`${base}/v1/stream?topics=${encodeURIComponent(topics.join(','))}`, { signal: mine.signal, cache: 'no-store' });
    if (!response.ok || !response.body) throw new Error(String(response.status));
    const take = parser((e) => {
      if (e.event === 'hello') {
        failures = 0;
        before?.abort();
      }
      if (e.event === 'overflow' || e.event === 'bye') mine.abort();
      else tell(e.event, e.data);
    });
    const decoder = new TextDecoder();
    const reader = response.body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      alive();
      take(decoder.decode(value, { stream: true }));
    }
  } catch { /* told below */ }
  clearTimeout(quiet);
  before?.abort();
  if (running === mine) retry();
}

let failures = 0;

function retry(): void {
  const wait = Math.min(30_000, 1000 * 2 ** Math.min(failures++, 5)) * (0.75 + Math.random() / 2);
  retryAt.value = Date.now() + wait;
  current = '';
  state(failures > 3 ? 'polling' : 'away');
  clearTimeout(timer);
  timer = setTimeout(() => void read(), wait);
}

// --- without a stream ---

const paceOf = (topic: string): number => (/^(execution|log):/.test(topic) ? 2000 : /^days/.test(topic) ? 30_000 : 5000);

function poll(): void {
  const last = new Map<Listener, number>();
  setInterval(() => {
    if (document.hidden || live.value === 'live') return;
    for (const l of listeners) {
      const pace = Math.min(...l.topics.map(paceOf));
      if (Date.now() - (last.get(l) ?? 0) < pace) continue;
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
  void navigator.locks.request(`cronobs-stream${base}`, async () => {
    leads = true;
    channel.postMessage({ kind: 'asks' });
    void read();
    await new Promise(() => { /* held until this tab ends */ });
  });
  channel.postMessage({ kind: 'asks' });
}
