// time.ts - instants and spans as people read them. Pure: "now" is an argument.
import { civil, dayOf, type Civil, type Zone } from './zone.ts';

const months = ['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August', 'September', 'October', 'November', 'December'];
const weekdays = ['Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday', 'Sunday'];

export const SECOND = 1000;
export const MINUTE = 60_000;
export const HOUR = 3_600_000;
export const DAY_MS = 86_400_000;

const two = (n: number): string => String(n).padStart(2, '0');
export const monthName = (month: number): string => months[month - 1] ?? '';
export const weekdayName = (weekday: number): string => weekdays[weekday] ?? '';
export const weekdayShort = (weekday: number): string => weekdayName(weekday).slice(0, 3);

export const clock = (c: Civil): string => `${two(c.hour)}:${two(c.minute)}`;
export const clockSeconds = (c: Civil): string => `${clock(c)}:${two(c.second)}`;
export const clockMs = (c: Civil): string => `${clockSeconds(c)}.${String(c.ms).padStart(3, '0')}`;

/** "+02:00", with seconds where an old zone has them. */
export function offsetText(offset: number): string {
  const s = Math.abs(Math.round(offset / SECOND));
  return `${offset < 0 ? '−' : '+'}${two(Math.floor(s / 3600))}:${two(Math.floor(s / 60) % 60)}${s % 60 ? `:${two(s % 60)}` : ''}`;
}

export const dateShort = (c: Civil): string => `${weekdayShort(c.weekday)} ${c.day} ${monthName(c.month).slice(0, 3)}`;
export const dateLong = (c: Civil): string => `${weekdayName(c.weekday)}, ${c.day} ${monthName(c.month)} ${c.year}`;

/** "14:20" today, "Sun 28 Mar, 14:20" on another day, with the year in another year; seconds when they matter. */
export function when(zone: Zone, at: number, now: number, seconds = at % MINUTE !== 0): string {
  const c = civil(zone, at);
  const time = seconds ? clockSeconds(c) : clock(c);
  if (dayOf(zone, at) === dayOf(zone, now)) return time;
  const year = civil(zone, now).year === c.year ? '' : ` ${c.year}`;
  return `${dateShort(c)}${year}, ${time}`;
}

/** RFC 3339 on the zone's clock, to the millisecond: what hover, focus and copy give. */
export function rfc3339(zone: Zone, at: number): string {
  const c = civil(zone, at);
  const offset = c.offset === 0 ? 'Z' : offsetText(c.offset).replace('−', '-').slice(0, 6);
  const ms = c.ms ? `.${String(c.ms).padStart(3, '0')}` : '';
  return `${c.year}-${two(c.month)}-${two(c.day)}T${clockSeconds(c)}${ms}${offset}`;
}

/** How long something took: 310 ms, 6.1 s, 7:32, 1:02:03, 3 d 4 h. */
export function span(ms: number): string {
  if (!Number.isFinite(ms)) return '';
  if (ms < 0) return `−${span(-ms)}`;
  if (ms < SECOND) return `${Math.round(ms)} ms`;
  if (ms < MINUTE) return `${(Math.floor(ms / 100) / 10).toFixed(1)} s`;
  const s = Math.floor(ms / SECOND);
  if (s < 3600) return `${Math.floor(s / 60)}:${two(s % 60)}`;
  if (s < 86_400) return `${Math.floor(s / 3600)}:${two(Math.floor(s / 60) % 60)}:${two(s % 60)}`;
  const hours = Math.floor(s / 3600);
  return `${Math.floor(hours / 24)} d${hours % 24 ? ` ${hours % 24} h` : ''}`;
}

/** About how long, in one unit or two: 28 s, 6 min, 1 h 47 min, 3 d. */
export function about(ms: number): string {
  const s = Math.round(Math.abs(ms) / SECOND);
  if (s < 60) return `${s} s`;
  const minutes = Math.floor(s / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d`;
}

/** "in 28 s", "6 min ago"; stands beside the instant, never alone. */
export const relative = (at: number, now: number): string => (at > now ? `in ${about(at - now)}` : `${about(now - at)} ago`);

/** 18,402 */
export const count = (n: number): string => String(Math.round(n)).replace(/\B(?=(\d{3})+$)/g, ',');

/** "1 run", "3 runs" */
export const counted = (n: number, one: string, many = `${one}s`): string => `${count(n)} ${n === 1 ? one : many}`;

export function bytes(n: number): string {
  if (n < 1024) return `${n} bytes`;
  return n < 1 << 20 ? `${(n / 1024).toFixed(1)} KiB` : `${(n / (1 << 20)).toFixed(1)} MiB`;
}

/** 99.83 %, never rounded up to all or down to none. */
export function percent(part: number, whole: number): string {
  if (whole === 0) return '–';
  const p = (100 * part) / whole;
  if (part < whole && p > 99.99) return '> 99.99 %';
  if (part > 0 && p < 0.01) return '< 0.01 %';
  return `${Number.isInteger(p) ? p : p.toFixed(2)} %`;
}
