// foreign.tsx - a text that somebody else wrote: a title, a key, a message, the name of a worker. Whatever is in it, it is read from where it
// begins to where it ends, stays in its place, and shows what cannot be seen (log/ansi.ts). All such texts outside of a log stand in one.
import { boxed } from '../log/ansi.ts';

/** lines: line ends in it are line ends. */
export function Foreign({ text, lines = false }: { text: string | undefined; lines?: boolean }) {
  if (!text) return null;
  return <bdi>{boxed(text, lines).map((p, i) => (p.box ? <span key={i} class="x">{p.text}</span> : p.text))}</bdi>;
}
