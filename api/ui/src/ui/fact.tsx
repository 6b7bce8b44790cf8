// fact.tsx - one line of a list of facts.
import type { ComponentChildren } from 'preact';

export const Fact = ({ name, class: more, children }: { name: string; class?: string; children: ComponentChildren }) => <><dt>{name}</dt><dd class={more}>{children}</dd></>;
