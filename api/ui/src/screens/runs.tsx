// runs.tsx - all history by date, of all tasks.
import { useCallback } from 'preact/hooks';
import { param, set } from '../router.ts';
import { zoneNamed } from '../state.ts';
import { looksOf } from '../status.ts';
import { dayRead, dayText } from '../zone.ts';
import { useToday } from '../ui/calendar.tsx';
import { DatePanel } from '../ui/datepanel.tsx';
import { DayRuns, pickRun } from '../ui/dayruns.tsx';
import { useDays } from '../ui/days.ts';
import { Detail } from '../ui/detail.tsx';
import { useZone } from '../ui/zonemenu.tsx';
import { Foreign } from '../ui/foreign.tsx';

const presets = [
  { text: 'All', status: '' },
  { text: 'Problems', status: 'FAILED,TIMED_OUT,LOST,MISSED,LATE' },
  { text: 'Not run', status: 'MISSED,SKIPPED,CANCELLED' },
  { text: 'Late', status: 'LATE', open: true },
  { text: 'Running', status: 'RUNNING,RETRYING,CANCELLING', open: true },
];
const topics = ['summary'];
const inWords = (statuses: string): string => statuses.split(',').map((s) => looksOf(s).word).join(', ');

export default function Runs() {
  const zoneName = useZone(undefined, param('tz'));
  const zone = zoneNamed(zoneName);
  const today = useToday(zone);
  const day = dayRead(param('day')) || today;
  const counts = useDays(undefined, zoneName, day, today, topics);
  const selected = param('run');
  const status = param('status');
  const preset = presets.find((p) => p.status === status);
  const onDay = useCallback((to: number) => set({ day: to === today ? undefined : dayText(to), cursor: undefined, run: undefined }), [today]);
  return (
    <>
      <div class="head">
        <h1>Runs</h1>
        <div class="seg" role="group" aria-label="Which runs">
          {presets.map((p) => <button key={p.text} aria-pressed={status === p.status} onClick={() => set({ status: p.status, cursor: undefined, ...(p.open ? { day: undefined, run: undefined } : {}) })}>{p.text}</button>)}
        </div>
        {!preset && <span class="tag"><Foreign text={inWords(status)} /></span>}
        {param('queue') && <span class="tag">queue <Foreign text={param('queue')} /></span>}
      </div>
      <div class={`three ${selected ? '' : 'two-columns'}`}>
        <DatePanel counts={counts} selected={day} today={today} zone={zone} onPick={onDay} />
        <DayRuns filters={{ status, queue: param('queue') }} open={preset?.open && !param('day')} zoneName={zoneName} day={day} data={counts.days.get(day)} today={today} keptFrom={counts.keptFrom}
          selected={selected} topics={topics} onDay={onDay} onPick={pickRun} />
        {selected && <Detail id={selected} zone={zoneName} />}
      </div>
    </>
  );
}
