// days.ts - counts of local days for calendars: the month that is shown with those beside it, the year at leisure.
import { useMemo } from 'preact/hooks';
import { query, segment, useResource } from '../api.ts';
import { dayRead, dayText } from '../zone.ts';
import type { Day, Days } from './calendar.tsx';
import { addMonths, dayNumber, monthOf } from './month.ts';
import type { Counts } from './steps.ts';

interface Answer {
  items: { day: string; total: number; run_ms: number; counts: Counts; planned?: number; gaps?: Counts }[];
  kept_from?: string;
}

export interface DayCounts {
  days: Days;
  year: Days;
  /** The first local day that is kept whole; -Infinity while it is not known. */
  keptFrom: number;
}

function toDays(answer: Answer | undefined): Days {
  return new Map((answer?.items ?? []).map((d): [number, Day] => [dayRead(d.day), { counts: d.counts, total: d.total, planned: d.planned, gaps: d.gaps }]));
}

export function useDays(task: string | undefined, zone: string, selected: number, today: number, topics: string[]): DayCounts {
  const { year, month } = monthOf(selected);
  const first = dayNumber(year, month, 1);
  const range = { from: dayText(addMonths(first, -1)), to: dayText(addMonths(first, 2) - 1), tz: zone };
  const path = task ? `/v1/tasks/${segment(task)}/days` : '/v1/days';
  const seen = useResource<Answer>(`${path}${query(range)}`, { topics, keep: true });
  const whole = useResource<Answer>(`${path}${query({ from: dayText(today - 365), to: dayText(today), tz: zone })}`);
  return useMemo(() => ({
    days: toDays(seen.data),
    year: toDays(whole.data),
    keptFrom: seen.data?.kept_from ? dayRead(seen.data.kept_from.slice(0, 10)) : -Infinity,
  }), [seen.data, whole.data]);
}
