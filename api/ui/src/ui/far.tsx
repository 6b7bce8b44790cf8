// far.tsx - how far a run is, by its own words.
import { Foreign } from './foreign.tsx';

export interface HowFar {
  progress?: number;
  progress_message?: string;
  heartbeat_at?: string;
}

export const Far = ({ of }: { of: HowFar }) => (
  <>{of.progress !== undefined && <><progress max="100" value={of.progress} aria-label="progress" /> {of.progress} % </>}<Foreign text={of.progress_message} /></>
);
