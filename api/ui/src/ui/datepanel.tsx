// datepanel.tsx - the dates beside a list of runs: month, days with problems, the last year.
import { count } from '../time.ts';
import { dayText, type Zone } from '../zone.ts';
import { Calendar, ProblemDays, Year } from './calendar.tsx';
import type { DayCounts } from './days.ts';
import { memo } from './memo.ts';

export const DatePanel = memo(({ counts, selected, today, zone, onPick }: { counts: DayCounts; selected: number; today: number; zone: Zone; onPick: (day: number) => void }) => {
  const total = [...counts.year.values()].reduce((n, d) => n + d.total, 0);
  return (
    <section class="panel" aria-label="Dates">
      <Calendar days={counts.days} selected={selected} today={today} zone={zone} keptFrom={counts.keptFrom} onPick={onPick} />
      <ProblemDays days={counts.days} selected={selected} onPick={onPick} />
      {total > 0 && (
        <div class="jump-box">
          <h3>A year <span class="dim">{counts.keptFrom > -Infinity ? `kept since ${dayText(counts.keptFrom)}` : `${count(total)} runs`}</span></h3>
          <Year days={counts.year} today={today} keptFrom={counts.keptFrom} onPick={onPick} />
        </div>
      )}
    </section>
  );
});
