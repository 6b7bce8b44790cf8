// act.tsx - what changes something, or begins to: off while the server is away, for nothing could come of it.
import type { ComponentChildren } from 'preact';
import { isAway } from '../state.ts';

interface Props {
  class?: string;
  children: ComponentChildren;
}

const why = (): string | undefined => (isAway.value ? 'Not connected: nothing can be changed now' : undefined);

export function Act({ onClick, ...more }: Props & { onClick: () => void }) {
  return <button type="button" {...more} aria-disabled={isAway.value} title={why()} onClick={() => { if (!isAway.peek()) onClick(); }} />;
}

/** A link to a screen that changes something. */
export function ActLink({ href, ...more }: Props & { href: string; 'aria-label'?: string }) {
  return <a {...more} role={isAway.value ? 'link' : undefined} aria-disabled={isAway.value || undefined} title={why()} href={isAway.value ? undefined : href} />;
}
