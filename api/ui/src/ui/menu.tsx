// menu.tsx - a button that opens a list of actions (WAI-ARIA menu button).
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import { isAway } from '../state.ts';

export interface Item {
  text: ComponentChildren;
  run?: () => void;
  href?: string;
  /** It changes something: off while the server is away. */
  acts?: boolean;
}

export function Menu({ label, button, items, class: more = 'btn' }: { label?: string; button: ComponentChildren; items: Item[]; class?: string }) {
  const [open, setOpen] = useState(false);
  const root = useRef<HTMLSpanElement>(null);
  const all = (): HTMLElement[] => [...(root.current?.querySelectorAll<HTMLElement>('[role=menuitem]') ?? [])];
  const close = (): void => {
    setOpen(false);
    root.current?.querySelector<HTMLElement>('button')?.focus();
  };

  useEffect(() => {
    if (!open) return;
    all()[0]?.focus();
    const away = (e: Event): void => { if (!root.current?.contains(e.target as Node)) setOpen(false); };
    document.addEventListener('pointerdown', away);
    return () => document.removeEventListener('pointerdown', away);
  }, [open]);

  const onKeyDown = (e: KeyboardEvent): void => {
    if (!open) return;
    const list = all();
    const at = list.indexOf(document.activeElement as HTMLElement);
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: list.length - 1 }[e.key];
    if (e.key === 'Escape') close();
    else if (e.key === 'Tab') setOpen(false);
    else if (to !== undefined) list[(to + list.length) % list.length]?.focus();
    else return;
    if (e.key !== 'Tab') {
      e.preventDefault();
      e.stopPropagation();
    }
  };

  return (
    <span class="anchor" ref={root} onKeyDown={onKeyDown}>
      <button class={more} aria-haspopup="menu" aria-expanded={open} aria-label={label} onClick={() => setOpen(!open)}>{button}</button>
      {open && (
        <div class="menu" role="menu" aria-label={label}>
          {items.map((item, i) => {
            const off = item.acts === true && isAway.value;
            return item.href && !off
              ? <a role="menuitem" tabIndex={-1} key={i} href={item.href} onClick={() => setOpen(false)}>{item.text}</a>
              : <button role="menuitem" tabIndex={-1} key={i} aria-disabled={off} onClick={() => { if (off) return; close(); item.run?.(); }}>{item.text}</button>;
          })}
        </div>
      )}
    </span>
  );
}
