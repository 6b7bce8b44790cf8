// policies.ts - what a task says of how it is fired and tried: the fields of the form, and the same in words. Pure.
import { writeDuration, type Spec, type Then } from './draft.ts';

export const overlaps: Record<string, string> = {
  ALLOW: 'both run', SKIP: 'the new one is skipped', QUEUE_ONE: 'one waits, further ones are skipped', QUEUE_ALL: 'the new ones wait', CANCEL_OTHER: 'the other is cancelled',
};
export const misfires: Record<string, string> = { LAST: 'make up for the last instant', NONE: 'leave them out', ALL: 'make up for all' };
export const outcomes: Record<string, string> = { FAILED: 'failing', TIMED_OUT: 'timing out', LOST: 'being lost' };

export const ends: Record<string, string> = { SUCCEEDED: 'succeeds', FAILED: 'fails', ENDED: 'ends' };

/** A task that follows, as "key" or "project~key", and back. */
export const writeFollower = (t: Then): string => (t.project === undefined ? t.task : `${t.project}~${t.task}`);
export function readFollower(text: string, on: string): Then {
  const [, project, task] = /^(?:([^~]*)~)?([^]*)$/.exec(text.trim())!;
  return { project, task: task!, on };
}

/** Numbers by their place in the specification: label, hint, and whether it is a bare number, not a duration. */
export const quantities: [path: string, label: string, hint: string, isBare?: true][] = [
  ['max_concurrency', 'Runs at a time', 'Above it, what stands before this holds', true],
  ['start_deadline_ms', 'Start deadline', 'Not started by then: missed'],
  ['run_timeout_ms', 'Run timeout', 'Longer: timed out'],
  ['heartbeat_ms', 'Heartbeat', 'Silent for four times as long: lost'],
  ['finish_by_ms', 'Finish by', 'So long after it was due, however many attempts'],
  ['pause_after_failures', 'Pause after failures', 'So many runs in a row that failed', true],
  ['jitter_ms', 'Jitter', 'Spreads firings over this long, the same each time'],
  ['retry/max_attempts', 'Attempts', '1: what fails is not tried again', true],
  ['retry/first_delay_ms', 'Wait before the second', 'Nothing: a minute'],
  ['retry/multiplier', 'Each wait longer by', 'So many times; 1: all are equal', true],
  ['retry/max_delay_ms', 'Longest wait', 'Nothing: an hour'],
  ['retry/jitter_ms', 'Jitter of waits', 'Up to so much longer'],
];

type Members = Record<string, unknown>;

export const valueAt = (spec: Spec, path: string): unknown => path.split('/').reduce<unknown>((of, name) => (of as Members | undefined)?.[name], spec);

/** The members to set for a value at such a place. No attempts are one: what else is said of retries stays in the draft, for whoever is still typing (toSend). */
export function withValue(spec: Spec, path: string, value: unknown): Partial<Spec> {
  const [name, member] = path.split('/') as [string, string | undefined];
  if (!member) return { [name]: value };
  return { [name]: { ...(spec[name] as Members | undefined), [member]: value ?? (member === 'max_attempts' ? 1 : undefined) } };
}

/** "Attempts" of "/retry/max_attempts"; undefined: it is none of these. */
export const labelOf = (pointer: string): string | undefined => quantities.find(([path]) => `/${path}` === pointer)?.[1];

/** A value of such a place, as a person says it; undefined: it is none of these. */
export function valueInWords(pointer: string, value: unknown): string | undefined {
  const of = quantities.find(([path]) => `/${path}` === pointer);
  if (pointer === '/overlap') return overlaps[String(value)];
  if (!of || typeof value !== 'number') return undefined;
  return value === 0 ? 'none' : of[3] ? String(value) : writeDuration(value);
}

function retryInWords(spec: Spec): string | undefined {
  const of = (path: string): number => Number(valueAt(spec, `retry/${path}`) ?? 0);
  if (of('max_attempts') < 2) return undefined;
  const on = valueAt(spec, 'retry/on');
  return `up to ${of('max_attempts')} attempts${on ? ` after ${String(on).split(',').map((s) => outcomes[s.trim()] ?? s).join(' or ')}` : ''}: the second after ${writeDuration(of('first_delay_ms'))}, each further wait ${of('multiplier') === 1 ? 'the same' : `${of('multiplier')} times as long, ${writeDuration(of('max_delay_ms'))} at most`}${of('jitter_ms') ? `, and up to ${writeDuration(of('jitter_ms'))} more` : ''}`;
}

/** All that is said, a line each. */
export function policies(spec: Spec): [string, string][] {
  const { misfire = {}, window, calendars } = spec;
  const one = (path: string): [string, string | undefined] => [labelOf(`/${path}`)!, valueAt(spec, path) ? valueInWords(`/${path}`, valueAt(spec, path)) : undefined];
  const list: [string, string | undefined][] = [
    ['When another run is under way', overlaps[spec.overlap ?? 'ALLOW']],
    ...(spec.overlap === 'ALLOW' ? [] : [one('max_concurrency')]),
    ['When it fails', retryInWords(spec) ?? 'it is not tried again'],
    ...(spec.then ?? []).map((t): [string, string] => [`When it ${ends[t.on] ?? t.on}`, `${writeFollower(t)} runs`]),
    ['When nobody was there to fire', misfires[misfire.policy ?? ''] && `${misfires[misfire.policy!]}${misfire.policy === 'ALL' ? `, up to ${misfire.limit}` : ''}`],
    ...['start_deadline_ms', 'run_timeout_ms', 'heartbeat_ms', 'finish_by_ms', 'pause_after_failures', 'jitter_ms'].map(one),
    ['Window', window && Object.entries(window).map(([k, v]) => `${k.replace('_', ' ')} ${v}`).join(', ')],
    ['Calendars', calendars?.map((c) => `${c.name} (${c.mode === 'ONLY' ? 'only then' : 'left out'})`).join(', ') || undefined],
  ];
  return list.filter((p): p is [string, string] => Boolean(p[1]));
}
