// map.tsx - the edge of the log: where warnings and errors are, and what of it is in sight.
export interface Spot {
  row: number;
  error: boolean;
}

export function LevelMap({ spots, rows, from, to, onPick }: { spots: Spot[]; rows: number; from: number; to: number; onPick: (row: number) => void }) {
  if (rows === 0) return null;
  const y = (row: number): number => (1000 * row) / rows;
  const pick = (e: MouseEvent): void => {
    const box = (e.currentTarget as Element).getBoundingClientRect();
    const row = (rows * (e.clientY - box.top)) / box.height;
    const near = spots.reduce<Spot | undefined>((best, s) => (!best || Math.abs(s.row - row) < Math.abs(best.row - row) ? s : best), undefined);
    onPick(Math.floor(near && Math.abs(y(near.row) - y(row)) < 8 ? near.row : row));
  };
  return (
    <svg class="map" viewBox="0 0 14 1000" preserveAspectRatio="none" aria-hidden="true" onClick={pick}>
      {spots.map((s) => <rect key={s.row} class={s.error ? 'bar-bad' : 'bar-warn'} x="2" width="10" y={y(s.row)} height="3" />)}
      {to - from < rows && <rect class="sight" x="0.5" width="13" y={y(from)} height={Math.max(12, y(to) - y(from))} />}
    </svg>
  );
}
