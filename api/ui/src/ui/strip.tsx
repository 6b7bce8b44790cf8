// strip.tsx - the last runs of a task, oldest first: height is how long, colour and shape how it ended. What failed is seen however short it was.
import { looksOf } from '../status.ts';
import { span } from '../time.ts';

export interface Run {
  execution_id: string;
  status: string;
  run_ms?: number;
}

const HEIGHT = 16;

export function Strip({ runs }: { runs: Run[] }) {
  const longest = Math.max(1, ...runs.map((r) => r.run_ms ?? 0));
  const problems = runs.filter((r) => looksOf(r.status).problem).length;
  const width = runs.length * 7;
  return (
    <svg class="runs-strip" width={width} height={HEIGHT} role="img" aria-label={`${problems} problems in the last ${runs.length} runs`}>
      {runs.map((r, i) => {
        const look = looksOf(r.status);
        const h = look.tone === 'idle' ? 6 : look.problem ? HEIGHT : Math.max(5, (HEIGHT * (r.run_ms ?? longest)) / longest);
        const x = i * 7;
        const title = <title>{look.word}{r.run_ms === undefined ? '' : `, ${span(r.run_ms)}`}</title>;
        if (look.tone === 'warn') return <path key={r.execution_id} class="bar-warn" d={`M${x} ${HEIGHT}h5l-2.5 -13z`}>{title}</path>;
        return <rect key={r.execution_id} class={`bar-${look.tone}`} x={x} y={HEIGHT - h} width="5" height={h} rx="1">{title}</rect>;
      })}
    </svg>
  );
}
