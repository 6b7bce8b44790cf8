// icon.tsx - a symbol of icons.svg. It says nothing to a screen reader: a word stands beside it.
export function Icon({ name, class: more = '' }: { name: string; class?: string }) {
  return <svg class={`icon ${more}`} aria-hidden="true"><use href={`#${name}`} /></svg>;
}
