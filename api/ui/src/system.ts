// system.ts - how the installation is, and what of it somebody has to look at. Pure but for the hook.
import { useResource, type Seen } from './api.ts';
import { count, span } from './time.ts';

export interface Trouble {
  kind: string;
  topic: string;
  seconds?: number;
  offset?: number;
  offsets?: number;
  by?: string;
  why?: string;
  cure?: string;
}

export interface Partition {
  partition: number;
  scheduler?: string;
  consumer?: string;
  lag?: number;
  watermark?: { at?: string; written_at: string; age_ms: number };
  problems: Trouble[];
}

export interface System {
  at: string;
  database: { reachable: boolean };
  broker: { reachable: boolean };
  versions: { cronobs: string; schema?: number; postgresql?: string };
  tzdata: { node: string; tzdata: string }[];
  lateness?: { fired: number; p50_ms?: number; p99_ms?: number };
  dead_letters?: { count: number; more: boolean; newest_at?: string };
  retention: { history_from?: string; logs_from?: string; topics?: { topic: string; policy: string; ms?: number }[] };
  partitions?: Partition[];
}

export const useSystem = (): Seen<System> => useResource<System>('/v1/system', { every: 5000, keep: true });

/** What is wrong with a partition, in words. */
export function inWords(t: Trouble): string {
  const since = t.seconds === undefined ? '' : ` for ${span(t.seconds * 1000)}`;
  switch (t.kind) {
    case 'STALLED': return `${t.topic} does not move${since}: a transaction is open at offset ${t.offset}`;
    case 'UNREACHABLE': return `${t.topic} cannot be reached or written`;
    case 'UNOWNED': return `no ${t.by ?? 'program'} has ${t.topic}${since}`;
    case 'UNSTORED': return `what comes in ${t.topic} is not stored${since}`;
    case 'STANDING': return `${t.topic} stands at offset ${t.offset}: ${t.why ?? ''}`;
    case 'LOST': return `${count(t.offsets ?? 0)} offsets of ${t.topic} were gone before they were read`;
    default: return `${t.kind.toLowerCase()} ${t.topic}`;
  }
}

/** Topics that are away at once are one line of trouble, not one each. */
export function together(list: Trouble[]): Trouble[] {
  const away = list.filter((t) => t.kind === 'UNREACHABLE');
  return away.length < 2 ? list : [{ ...away[0]!, topic: away.map((t) => t.topic).join(', ') }, ...list.filter((t) => !away.includes(t))];
}

export interface Line {
  what: string;
  text: string;
  ok: boolean;
}

/** The six lines that Now shows: each well, or not. */
export function health(s: System): Line[] {
  const partitions = s.partitions ?? [];
  const owners = new Set(partitions.map((p) => p.scheduler).filter(Boolean));
  const unowned = partitions.filter((p) => !p.scheduler).length;
  const behind = Math.max(0, ...partitions.map((p) => p.lag ?? 0));
  const troubled = partitions.filter((p) => p.problems.length > 0).length;
  const versions = [...new Set(s.tzdata.map((t) => t.tzdata))];
  const dead = s.dead_letters;
  return [
    { what: 'Schedulers', ok: unowned === 0 && partitions.length > 0, text: partitions.length === 0 ? 'not known' : `${owners.size} ${owners.size === 1 ? 'has' : 'have'} ${unowned ? `${partitions.length - unowned} of ${partitions.length}` : `all ${partitions.length}`} partitions` },
    { what: 'Fired late by', ok: (s.lateness?.p99_ms ?? 0) < 5000, text: s.lateness?.p99_ms === undefined ? 'nothing fired in the last hour' : `${span(s.lateness.p50_ms ?? 0)}, 99 of 100 runs under ${span(s.lateness.p99_ms)}` },
    { what: 'History', ok: behind < 10_000 && troubled === 0, text: troubled ? `${troubled} partitions in trouble` : behind < 100 ? 'up to date' : `${count(behind)} records behind` },
    { what: 'Unreadable records', ok: !dead || dead.count === 0, text: dead ? dead.count ? `${count(dead.count)}${dead.more ? '+' : ''} put aside` : 'none' : 'not known' },
    { what: 'Database, broker', ok: s.database.reachable && s.broker.reachable, text: s.database.reachable && s.broker.reachable ? 'reachable' : [s.database.reachable ? '' : 'database away', s.broker.reachable ? '' : 'broker away'].filter(Boolean).join(', ') },
    { what: 'Time zones', ok: versions.length <= 1, text: versions.length === 1 ? `tzdata ${versions[0]} on every node` : `different: ${versions.join(', ')}` },
  ];
}
