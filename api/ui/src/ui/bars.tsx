// bars.tsx - the chart of steps, with its axis, the line of now and a sentence for who cannot see it.
import { DAY, changes, civil } from '../zone.ts';
import { zoneNamed } from '../state.ts';
import { clock, dateShort, HOUR } from '../time.ts';
import { inWords, layout, type Step } from './steps.ts';

const frame = { width: 1000, axis: 92, below: 38 };
const HEIGHT = 132;

/** Every third hour on the zone's clock between two instants, and where the clocks are set. */
function marks(zoneName: string, from: number, to: number): { at: number; text: string }[] {
  const zone = zoneNamed(zoneName);
  const list = [];
  const every = to - from > 2 * DAY ? 24 : 3;
  for (let at = Math.ceil(from / HOUR) * HOUR; at < to; at += HOUR / 4) {
    const c = civil(zone, at);
    if (c.minute === 0 && c.hour % every === 0) list.push({ at, text: c.hour === 0 || list.length === 0 ? `${dateShort(c).slice(0, 3)} ${clock(c)}` : clock(c) });
  }
  return list;
}

export function StepsChart({ steps, from, to, every, now, zone, label, onPick }: {
  steps: Step[]; from: number; to: number; every: number; now: number; zone: string; label: string; onPick?: (from: number) => void;
}) {
  const x = (at: number): number => (frame.width * (at - from)) / (to - from);
  const percent = (at: number): string => `${(100 * (at - from)) / (to - from)}%`;
  const bars = layout(steps, from, to, every, frame);
  const ticks = marks(zone, from, to);
  return (
    <div class="chart">
      <svg viewBox={`0 0 ${frame.width} ${HEIGHT}`} height={HEIGHT} preserveAspectRatio="none" role="img" aria-label={label}>
        {ticks.map((t) => <line key={t.at} class="tick" x1={x(t.at)} x2={x(t.at)} y1="0" y2={HEIGHT} />)}
        <line class="axis" x1="0" x2={frame.width} y1={frame.axis + 1} y2={frame.axis + 1} />
        {bars.map((b, i) => <rect key={i} class={`bar-${b.kind}`} x={b.x} y={b.y} width={b.width} height={b.height} />)}
        {changes(zoneNamed(zone), from, to).map((c) => <line key={c.at} class="change" x1={x(c.at)} x2={x(c.at)} y1="0" y2={HEIGHT} />)}
        {now > from && now < to && <line class="now" x1={x(now)} x2={x(now)} y1="0" y2={HEIGHT} />}
        {onPick && steps.map((s) => (
          <rect key={s.from} class="pick" x={x(s.from)} y="0" width={x(from + every)} height={HEIGHT} onClick={() => onPick(s.from)}>
            <title>{clock(civil(zoneNamed(zone), s.from))}: {inWords(s.counts)}</title>
          </rect>
        ))}
      </svg>
      <div class="ticks" aria-hidden="true">
        {ticks.map((t) => <span key={t.at} class={Math.abs(t.at - now) < (to - from) / 40 ? 'hidden' : ''} style={{ left: `clamp(26px, ${percent(t.at)}, 100% - 26px)` }}>{t.text}</span>)}
        {now > from && now < to && <span class="now" style={{ left: `clamp(17px, ${percent(now)}, 100% - 17px)` }}>{clock(civil(zoneNamed(zone), now))}</span>}
      </div>
    </div>
  );
}

export function Legend() {
  return (
    <div class="legend">
      <span><b class="sw ok" />Succeeded</span><span><b class="sw run" />Running</span><span><b class="sw bad" />Failed</span>
      <span><b class="sw warn" />Missed, late</span><span><b class="sw idle" />Skipped</span><span><b class="sw planned" />Planned</span>
    </div>
  );
}
