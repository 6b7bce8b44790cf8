// time.tsx - an instant: short where it stands, whole (RFC 3339, UTC) on hover, focus and in a copy's datetime.
import { minute, now, zoneNamed } from '../state.ts';
import { relative, rfc3339, when } from '../time.ts';
import { utc } from '../zone.ts';

export function Time({ at, zone, text, ago = false }: { at: string | number | undefined; zone: string; text?: string; ago?: boolean }) {
  if (at === undefined) return null;
  const ms = typeof at === 'number' ? at : Date.parse(at);
  const z = zoneNamed(zone);
  const whole = `${rfc3339(z, ms)} ${zone}, ${rfc3339(utc, ms)}`;
  return (
    <time dateTime={rfc3339(utc, ms)} title={whole}>
      {text ?? when(z, ms, minute.value)}{ago && <span class="dim"> · {relative(ms, now.value)}</span>}
    </time>
  );
}

/** How far off an instant is; drawn each second by itself. */
export const Relative = ({ to }: { to: string }) => <>{relative(Date.parse(to), now.value)}</>;
