// api.ts - what the API is asked for: reads as resources that screens share, writes with their outcome.
//
// A resource is an address below /v1. One flight at a time for each; what was read last stays while it is read again, and
// when the server is away; a flight that nobody waits for any more is cut off. What is not looked at is forgotten after five minutes, and
// the least recently used beyond 64 at once.
import { batch, effect, signal, type Signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { base } from './base.ts';
import { kept } from './kept.ts';
import { listen } from './stream.ts';
import { answers, returns, zones } from './state.ts';
import type { Zone } from './zone.ts';

/** Why something did not come; status 0: the server did not answer. */
export interface Problem {
  status: number;
  title: string;
  detail: string;
  hint?: string;
  pointer?: string;
  column?: number;
  code?: string;
}

export interface Resource<T> {
  url: string;
  data: Signal<T | undefined>;
  problem: Signal<Problem | undefined>;
  /** When data was read, ms of this computer; 0: never. */
  at: Signal<number>;
  busy: Signal<boolean>;
  /** It is to be read again, however lately it was. */
  stale: boolean;
  users: number;
  used: number;
  flight?: AbortController;
  again: boolean;
}

const KEPT = 64;
const KEPT_FOR = 300_000; // ms: addresses that name a minute are never asked for again
const all = new Map<string, Resource<unknown>>(); // in the order of their last use

function toProblem(status: number, body: unknown, text: string): Problem {
  const p = (body ?? {}) as Partial<Problem>;
  return {
    ...p, status, title: p.title ?? `The server answered ${status}`, detail: p.detail ?? text.slice(0, 300),
  };
}

const silent: Problem = { status: 0, title: 'The server does not answer', detail: 'It is asked again as soon as it is back.' };

export interface Answer<T> {
  ok: boolean;
  status: number;
  headers: Headers;
  data?: T;
  problem?: Problem;
}

/** One request; never throws but when it is cut off by `signal`. */
export async function ask<T>(path: string, init: RequestInit = {}): Promise<Answer<T>> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`${base}${path}`, { cache: 'no-store', redirect: 'error', ...init });
    text = await response.text();
  } catch (error) {
    if (init.signal?.aborted) throw error;
    answers(false);
    return { ok: false, status: 0, headers: new Headers(), problem: silent };
  }
  answers(true);
  let body: unknown;
  try {
    body = text ? JSON.parse(text) : undefined;
  } catch { /* not ours: a proxy's page */ }
  if (response.ok) return { ok: true, status: response.status, headers: response.headers, data: body as T };
  return { ok: false, status: response.status, headers: response.headers, problem: toProblem(response.status, body, text) };
}

async function load<T>(r: Resource<T>): Promise<void> {
  if (r.flight) {
    r.again = true;
    return;
  }
  const flight = new AbortController();
  r.flight = flight;
  r.again = false;
  r.busy.value = true;
  try {
    const answer = await ask<T>(r.url, { signal: flight.signal });
    batch(() => {
      r.problem.value = answer.problem;
      if (answer.ok) {
        r.data.value = kept(r.data.peek(), answer.data);
        r.at.value = Date.now();
        r.stale = false;
      }
    });
  } catch {
    r.stale = true; // cut off: nobody waits; whoever looks next is not to see what was there before a change
  }
  r.busy.value = false;
  r.flight = undefined;
  if (r.again && r.users > 0) void load(r);
}

export function resource<T>(url: string): Resource<T> {
  let r = all.get(url) as Resource<T> | undefined;
  if (r) all.delete(url);
  else r = { url, data: signal(undefined), problem: signal(undefined), at: signal(0), busy: signal(false), stale: false, users: 0, used: 0, again: false };
  all.set(url, r as Resource<unknown>);
  r.used = Date.now();
  for (const [old, other] of all)
    if (other.users === 0 && (all.size > KEPT || r.used - other.used > KEPT_FOR)) all.delete(old);
  return r;
}

/** Reads everything that can be seen again: after "hello", after a write, when the server is back. */
export function reloadAll(): void {
  for (const r of all.values()) {
    if (r.users > 0) void load(r);
    else r.stale = true;
  }
}

effect(() => { if (returns.value > 0) reloadAll(); });

export interface Seen<T> {
  data: T | undefined;
  problem: Problem | undefined;
  /** data is of another address than the one that is asked for: shown until the new one is there. */
  old: boolean;
  /** These two are drawn by whoever asks for them, and by nobody else. */
  readonly busy: boolean;
  readonly at: number;
  reload: () => void;
}

/**
 * A resource in a component: read when it is first shown, again when one of its topics has changed, or each `every` ms.
 * url undefined: nothing. Data of the address before are shown until the new ones come, where `keep` is said.
 */
export function useResource<T>(url: string | undefined, options: { topics?: string[]; every?: number; keep?: boolean } = {}): Seen<T> {
  const last = useRef<T | undefined>(undefined);
  const r = url === undefined ? undefined : resource<T>(url);
  const topics = (options.topics ?? []).join(' ');

  useEffect(() => {
    if (!r) return;
    r.users++;
    if (r.stale || Date.now() - r.at.peek() > 1000) void load(r);
    return () => {
      if (--r.users === 0) r.flight?.abort();
    };
  }, [r]);
  useEffect(() => {
    if (!r || !topics) return;
    return listen(topics.split(' '), () => void load(r));
  }, [r, topics]);
  useEffect(() => {
    if (!r || !options.every) return;
    const timer = setInterval(() => { if (!document.hidden) void load(r); }, options.every);
    return () => clearInterval(timer);
  }, [r, options.every]);

  const data = r?.data.value;
  if (data !== undefined) last.current = data;
  const old = data === undefined && options.keep === true && last.current !== undefined;
  return {
    data: old ? last.current : data,
    problem: r?.problem.value,
    old,
    get busy() { return r?.busy.value ?? false; },
    get at() { return r?.at.value ?? 0; },
    reload: () => { if (r) void load(r); },
  };
}

// --- writes ---

export interface Outcome {
  command_id: string;
  task_id?: string;
  result: 'PENDING' | 'ACCEPTED' | 'REJECTED';
  code?: string;
  message?: string;
  revision?: number;
  execution_id?: string;
}

/** A key for one intent: made when its dialog opens, so that a second click is the same request. */
export const intent = (): string => crypto.randomUUID?.() ?? [...crypto.getRandomValues(new Uint8Array(16))].map((b) => b.toString(16).padStart(2, '0')).join('');

/** It was refused, and would be for ever under its key: what is asked next is another intent. Else nobody knows what became of it (proxies' 502 and 504, too). */
export const isRefused = (answer: Answer<unknown>): boolean => answer.status >= 400 && answer.status < 500;

export async function write(
  method: 'PUT' | 'POST' | 'DELETE' | 'PATCH', path: string, body: unknown, options: { key?: string; ifMatch?: string; ifNoneMatch?: string } = {},
): Promise<Answer<Outcome>> {
  const headers: Record<string, string> = { 'Content-Type': method === 'PATCH' ? 'application/merge-patch+json' : 'application/json', Prefer: 'wait=10' };
  if (options.key) headers['Idempotency-Key'] = options.key;
  if (options.ifMatch) headers['If-Match'] = options.ifMatch;
  if (options.ifNoneMatch) headers['If-None-Match'] = options.ifNoneMatch;
  const answer = await ask<Outcome>(path, { method, headers, body: body === undefined ? undefined : JSON.stringify(body) });
  if (answer.ok) reloadAll();
  return answer;
}

// --- zones ---

const asked = new Set<string>();

/** Loads a zone's rules once; zones.value has it then. An unknown name stays unknown. */
export async function needZone(name: string): Promise<void> {
  if (zones.peek()[name] || asked.has(name)) return;
  asked.add(name);
  type Rules = { name: string; spans: { from?: string; offset_s: number }[] };
  const answer = await ask<Rules>(`/v1/zones?name=${encodeURIComponent(name)}&from=1970-01-01T00:00:00Z&to=2070-01-01T00:00:00Z`);
  if (!answer.data) {
    asked.delete(name);
    return;
  }
  const spans = answer.data.spans.map((s) => ({ from: s.from ? Date.parse(s.from) : -Infinity, offset: s.offset_s * 1000 }));
  const zone: Zone = { name, spans };
  zones.value = { ...zones.peek(), [name]: zone };
}

/** Of a path: a task key or id as one segment. */
export const segment = (text: string): string => encodeURIComponent(text).replaceAll('%7E', '~');

/** "?a=1&b=2" of what has a value. */
export function query(values: Record<string, string | number | boolean | undefined>): string {
  const q = new URLSearchParams();
  for (const [name, value] of Object.entries(values))
    if (value !== undefined && value !== '' && value !== false) q.set(name, String(value));
  const text = q.toString();
  return text ? `?${text}` : '';
}
