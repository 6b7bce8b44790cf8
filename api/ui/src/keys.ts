// keys.ts - single keys, and "g x" for screens. Nothing begins to run by one key; typing into a field is never a command.
import { effect, signal } from '@preact/signals';
import { useLayoutEffect } from 'preact/hooks';
import { singleKeys } from './state.ts';

export interface Binding {
  keys: string; // "j", "[", "g n", "Escape"
  what: string; // for the list that "?" shows
  run: () => void;
}

const layers = signal<Binding[][]>([]);

/** What can be pressed now, for the list of keys. */
export const bindings = (): Binding[] => layers.value.flat();

/** The keys of a component while it is there, as it was drawn last. The newest layer wins. */
export function useKeys(list: Binding[]): void {
  useLayoutEffect(() => {
    layers.value = [...layers.peek(), list];
    return () => { layers.value = layers.peek().filter((l) => l !== list); };
  });
}

const isTyping = (target: EventTarget | null): boolean =>
  target instanceof HTMLElement && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName));

let first = '';
let firstAt = 0;

function find(keys: string): Binding | undefined {
  for (const layer of [...layers.peek()].reverse()) {
    const binding = layer.find((b) => b.keys === keys);
    if (binding) return binding;
  }
  return undefined;
}

export function start(): void {
  document.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key !== 'Escape' && (singleKeys.peek() === 'off' || isTyping(event.target))) return;
    if (document.querySelector('dialog[open]')) return;
    const pair = first && event.timeStamp - firstAt < 1500 ? find(`${first} ${event.key}`) : undefined;
    const binding = pair ?? find(event.key);
    first = pair ? '' : event.key;
    firstAt = event.timeStamp;
    if (!binding) return;
    event.preventDefault();
    binding.run();
  });
  effect(() => { if (singleKeys.value === 'off') first = ''; });
}
