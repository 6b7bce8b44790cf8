// runs.tsx - all history by date, of all tasks.
import { param, set } from '../router.ts';
import { now, zoneNamed } from '../state.ts';
import { dayRead, dayText } from '../zone.ts';
import { todayOf } from '../ui/calendar.tsx';
import { DatePanel } from '../ui/datepanel.tsx';
import { DayRuns } from '../ui/dayruns.tsx';
import { useDays } from '../ui/days.ts';
import { Detail } from '../ui/detail.tsx';
import { useZone } from '../ui/zonemenu.tsx';

const presets = [
  { text: 'All', status: '' },
  { text: 'Problems', status: 'FAILED,TIMED_OUT,LOST,MISSED' },
  { text: 'Late', status: 'LATE' },
  { text: 'Running', status: 'RUNNING,RETRYING,CANCELLING' },
  { text: 'Left out', status: 'SKIPPED,CANCELLED' },
];
const topics = ['summary'];

export default function Runs() {
  const zoneName = useZone(undefined, param('tz'));
  const zone = zoneNamed(zoneName);
  const today = todayOf(zone, now.value);
  const day = dayRead(param('day')) || today;
  const counts = useDays(undefined, zoneName, day, today, topics);
  const selected = param('run');
  const status = param('status');
  const onDay = (to: number): void => set({ day: to === today ? undefined : dayText(to), cursor: undefined, run: undefined });
  return (
    <>
      <div class="head">
        <h1>Runs</h1>
        <div class="seg" role="group" aria-label="Which runs">
          {presets.map((p) => <button key={p.text} aria-pressed={status === p.status} onClick={() => set({ status: p.status, cursor: undefined })}>{p.text}</button>)}
        </div>
        {status && !presets.some((p) => p.status === status) && <span class="tag">{status.toLowerCase().replaceAll(',', ', ')}</span>}
        {param('queue') && <span class="tag">queue {param('queue')}</span>}
      </div>
      <div class={`three ${selected ? '' : 'two-columns'}`}>
        <DatePanel counts={counts} selected={day} today={today} zone={zone} onPick={onDay} />
        <DayRuns filters={{ status, queue: param('queue') }} zoneName={zoneName} day={day} data={counts.days.get(day)} today={today} keptFrom={counts.keptFrom}
          selected={selected} topics={topics} onDay={onDay} onPick={(id) => set({ run: id })} />
        {selected && <Detail id={selected} zone={zoneName} />}
      </div>
    </>
  );
}
