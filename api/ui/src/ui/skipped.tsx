// skipped.tsx - that an instant to come is to be skipped, and on whose wish.
import type { ComponentChildren } from 'preact';
import type { Skip, Task } from '../answers.ts';
import { Foreign } from './foreign.tsx';
import { Time } from './time.tsx';

/** of: what the API says of it; nothing: it is not to be skipped. */
export const Skipped = ({ of, children }: { of: Skip | undefined; children?: ComponentChildren }) => of && (
  <> <span class="tag warn">{children}will be skipped{of.by && <>, by <Foreign text={of.by} /></>}{of.reason && <>: <Foreign text={of.reason} /></>}</span></>
);

/** Of a task: what comes before its next run. */
export const SkipsOf = ({ task, zone }: { task: Pick<Task, 'skip' | 'skip_until'>; zone: string }) => <Skipped of={task.skip}>up to <Time at={task.skip_until} zone={zone} /> </Skipped>;
