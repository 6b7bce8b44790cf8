// month.ts - the days of a calendar page. Pure.
import { DAY } from '../zone.ts';

export interface Month {
  year: number;
  month: number; // 1-12
}

export const monthOf = (day: number): Month => {
  const d = new Date(day * DAY);
  return { year: d.getUTCFullYear(), month: d.getUTCMonth() + 1 };
};

export const dayNumber = (year: number, month: number, day: number): number => Math.round(Date.UTC(year, month - 1, day) / DAY);

/** 0 Monday - 6 Sunday */
export const weekday = (day: number): number => (((day + 3) % 7) + 7) % 7;

/** The weeks that a month touches, Monday first: days as numbers, those of other months too. */
export function weeks({ year, month }: Month): number[][] {
  const first = dayNumber(year, month, 1);
  const last = dayNumber(year, month + 1, 1) - 1;
  const list = [];
  for (let monday = first - weekday(first); monday <= last; monday += 7) list.push([0, 1, 2, 3, 4, 5, 6].map((i) => monday + i));
  return list;
}

/** ISO 8601 week of a Monday: the week belongs to the year of its Thursday. */
export function weekNumber(monday: number): number {
  const thursday = monday + 3;
  return 1 + Math.floor((thursday - dayNumber(monthOf(thursday).year, 1, 1)) / 7);
}

/** The same date some months away, or the last of that month. */
export function addMonths(day: number, months: number): number {
  const { year, month } = monthOf(day);
  const date = new Date(day * DAY).getUTCDate();
  const last = new Date((dayNumber(year, month + months + 1, 1) - 1) * DAY).getUTCDate();
  return dayNumber(year, month + months, Math.min(date, last));
}

/** Where a key goes from a day in the grid (WAI-ARIA date grid); undefined: it is no such key. */
export function move(key: string, shift: boolean, day: number): number | undefined {
  switch (key) {
    case 'ArrowLeft': return day - 1;
    case 'ArrowRight': return day + 1;
    case 'ArrowUp': return day - 7;
    case 'ArrowDown': return day + 7;
    case 'Home': return day - weekday(day);
    case 'End': return day + 6 - weekday(day);
    case 'PageUp': return addMonths(day, shift ? -12 : -1);
    case 'PageDown': return addMonths(day, shift ? 12 : 1);
    default: return undefined;
  }
}
