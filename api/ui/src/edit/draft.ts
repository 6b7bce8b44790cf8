// draft.ts - a task that is being written: a specification as the API takes it, and what the form makes of it. Pure but for storage.

export interface Schedule {
  expression: string;
  zone?: string;
  dialect?: string;
  dst_gap?: string;
  dst_overlap?: string;
}

export interface Rule {
  kind: string;
  value: string;
}

export interface Calendar {
  name: string;
  mode: string;
  rules: Rule[];
}

export interface Then {
  project?: string;
  task: string;
  on: string;
}

export interface Spec {
  title?: string;
  queue?: string;
  labels?: Record<string, string>;
  schedules?: Schedule[];
  calendars?: Calendar[];
  window?: Record<string, string>;
  overlap?: string;
  retry?: { max_attempts?: number; on?: string };
  then?: Then[];
  misfire?: { policy?: string; after_ms?: number; window_ms?: number; limit?: number };
  payload?: string;
  payload_base64?: string;
  content_type?: string;
  [other: string]: unknown;
}

export interface Draft {
  project: string;
  key: string;
  spec: Spec;
}

export const COMMAND_TYPE = 'application/vnd.cronobs.command+json';

export const fresh = (zone: string): Draft => ({
  project: 'default', key: '', spec: { queue: 'default', schedules: [{ expression: '', zone }] },
});

/** A specification to send: members that say nothing are left out, so that defaults hold, as retries of one attempt are; key and project stand in the path. */
export function toSend(spec: Spec): Spec {
  const sent: Spec = {};
  for (const [name, value] of Object.entries(spec)) {
    if (name === 'key' || name === 'project' || (name === 'retry' && [0, 1].includes(spec.retry?.max_attempts as number))) continue;
    if (value === undefined || value === '' || (Array.isArray(value) && value.length === 0 && name !== 'schedules')) continue;
    if (name === 'labels' || name === 'window') {
      const members = Object.entries(value as Record<string, string>).filter(([, v]) => v !== '' || name === 'labels');
      if (members.length > 0) sent[name] = Object.fromEntries(members);
    } else sent[name] = value;
  }
  return sent;
}

/** The command of a payload of that type, else undefined. */
export function commandOf(spec: Spec): string | undefined {
  if (spec.content_type !== COMMAND_TYPE || spec.payload === undefined) return undefined;
  try {
    const command = (JSON.parse(spec.payload) as { command?: unknown }).command;
    return typeof command === 'string' ? command : undefined;
  } catch {
    return undefined;
  }
}

/** The payload with another command; what else it holds (shell, environment) stays. */
export function withCommand(spec: Spec, command: string): Spec {
  let rest: Record<string, unknown> = {};
  try {
    rest = spec.content_type === COMMAND_TYPE && spec.payload ? (JSON.parse(spec.payload) as Record<string, unknown>) : {};
  } catch { /* no JSON: made anew */ }
  return { ...spec, content_type: COMMAND_TYPE, payload: JSON.stringify({ ...rest, command, shell: rest['shell'] ?? '/bin/sh' }), payload_base64: undefined };
}

/** "90 s", "5 min", "2 h", "1 d", or a number of seconds, in ms; undefined for nothing, NaN for what is no duration. */
export function readDuration(text: string): number | undefined {
  const t = text.trim();
  if (t === '') return undefined;
  const m = /^(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)?$/.exec(t);
  if (!m) return NaN;
  const unit = { ms: 1, s: 1000, m: 60_000, min: 60_000, h: 3_600_000, d: 86_400_000 }[m[2] ?? 's']!;
  return Math.round(Number(m[1]) * unit);
}

export function writeDuration(ms: number | undefined): string {
  if (!ms) return '';
  for (const [unit, size] of [['d', 86_400_000], ['h', 3_600_000], ['min', 60_000], ['s', 1000]] as const)
    if (ms % size === 0) return `${ms / size} ${unit}`;
  return `${ms} ms`;
}

/** "a=1, b=2" lines of labels, and back. */
export const writeLabels = (labels: Record<string, string> | undefined): string => Object.entries(labels ?? {}).map(([k, v]) => `${k}=${v}`).join('\n');

export function readLabels(text: string): Record<string, string> {
  const labels: Record<string, string> = {};
  for (const line of text.split('\n')) {
    const equals = line.indexOf('=');
    const name = (equals < 0 ? line : line.slice(0, equals)).trim();
    if (name) labels[name] = equals < 0 ? '' : line.slice(equals + 1).trim();
  }
  return labels;
}

// --- kept for this tab, without payload ---

const place = (name: string): string => `cronobs.draft.${name}`;

export function keep(name: string, draft: Draft | undefined): void {
  try {
    if (!draft) return sessionStorage.removeItem(place(name));
    const { payload: _p, payload_base64: _b, ...spec } = draft.spec;
    sessionStorage.setItem(place(name), JSON.stringify({ ...draft, spec }));
  } catch { /* storage is switched off */ }
}

export function kept(name: string): Draft | undefined {
  try {
    const text = sessionStorage.getItem(place(name));
    return text ? (JSON.parse(text) as Draft) : undefined;
  } catch {
    return undefined;
  }
}
