// panel.tsx - a part of a screen: its heading, which is its name, a word beside it, what can be done at the right, and what it shows.
import type { ComponentChildren } from 'preact';

export function Panel({ name, note, right, children }: { name: string; note?: ComponentChildren; right?: ComponentChildren; children: ComponentChildren }) {
  return (
    <section class="panel" aria-label={name}>
      <header><h2>{name}</h2><span class="dim">{note}</span><span class="grow" />{right}</header>
      {children}
    </section>
  );
}
