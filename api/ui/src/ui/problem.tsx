// problem.tsx - what did not come and why; and what stands where nothing is.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { Problem, Seen } from '../api.ts';
import { ageOf } from '../state.ts';
import { about } from '../time.ts';
import { Foreign } from './foreign.tsx';
import { Icon } from './icon.tsx';

export function ProblemBox({ problem, retry }: { problem: Problem; retry?: () => void }) {
  return (
    <div class="problem" role="alert">
      <Icon name="g-failed" />
      <div class="grow break">
        <div class="strong"><Foreign text={problem.title} /></div>
        <div><Foreign text={problem.detail} /></div>
        {problem.hint && <div><Foreign text={problem.hint} /></div>}
      </div>
      {retry && <button class="btn small" onClick={retry}>Try again</button>}
    </div>
  );
}

export function Bones({ rows = 4 }: { rows?: number }) {
  return <div role="status" aria-label="Loading">{Array.from({ length: rows }, (_, i) => <div class="bone" key={i} />)}</div>;
}

/** A hint why nothing is here, and what to do. */
export function Empty({ children }: { children: ComponentChildren }) {
  return <div class="empty">{children}</div>;
}

/**
 * What a resource gives, in each of its states: bones without any data, old data with their age beside the problem, the problem alone.
 */
export function Shown<T>({ of, rows, children }: { of: Seen<T>; rows?: number; children: (data: T) => ComponentChildren }) {
  const [patient, setPatient] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setPatient(true), 150);
    return () => clearTimeout(timer);
  }, []);
  if (of.data === undefined) {
    if (of.problem) return <div class="body"><ProblemBox problem={of.problem} retry={of.reload} /></div>;
    return patient ? <Bones rows={rows} /> : null;
  }
  return (
    <>
      {of.problem && (
        <div class="problem old" role="status">
          <Icon name="g-late" /><span class="grow"><Foreign text={of.problem.detail} /> What is shown was read {about(ageOf(of.at))} ago.</span>
          <button class="btn small" onClick={of.reload}>Try again</button>
        </div>
      )}
      <div class={of.old ? 'stale' : undefined} aria-busy={of.old && of.busy}>{children(of.data)}</div>
    </>
  );
}
