// dialog.tsx - a question above the page. Focus goes in, stays, and comes back to what opened it; Escape closes.
import { signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useId, useLayoutEffect, useRef } from 'preact/hooks';
import { isAway } from '../state.ts';
import { Foreign } from './foreign.tsx';
import { Icon } from './icon.tsx';

/** The one dialog that is open; what it holds is made anew each time. */
const shown = signal<(() => ComponentChildren) | undefined>(undefined);

export function openDialog(content: () => ComponentChildren): void {
  shown.value = content;
}

export function closeDialog(): void {
  shown.value = undefined;
}

/** Stands once in the page. Opened before the browser takes the next event: a key pressed right after the click is the dialog's already. */
export function DialogRoot() {
  const ref = useRef<HTMLDialogElement>(null);
  const content = shown.value;
  useLayoutEffect(() => {
    const dialog = ref.current;
    if (!content || !dialog) return;
    const opener = document.activeElement as HTMLElement | null;
    dialog.showModal();
    return () => {
      dialog.close();
      if (opener?.isConnected) opener.focus();
    };
  }, [content]);
  return (
    <dialog ref={ref} aria-labelledby="dialog-title" onCancel={closeDialog} onClick={(e) => { if (e.target === ref.current) closeDialog(); }}>
      {content?.()}
    </dialog>
  );
}

/** The frame of a dialog: title, body, buttons; Enter in a field is the first button. acts: it changes something, so it is off while the server is away. */
export function Question({ title, children, action, tone = 'first', acts = false, off: cannot = false, busy = false, onSubmit }: {
  title: string; children: ComponentChildren; action: string; tone?: 'first' | 'danger'; acts?: boolean; off?: boolean; busy?: boolean; onSubmit: () => void;
}) {
  const away = acts && isAway.value;
  const off = away || cannot;
  return (
    <form method="dialog" onSubmit={(e) => { e.preventDefault(); if (!busy && !off) onSubmit(); }}>
      <header>
        <h2 id="dialog-title" class="grow break"><Foreign text={title} /></h2>
        <button type="button" class="btn quiet square" aria-label="Close" onClick={closeDialog}><Icon name="i-close" /></button>
      </header>
      <div class="body">{children}</div>
      <footer>
        {away && <span class="warn grow" role="status">Not connected: nothing can be changed now.</span>}
        {action !== 'Close' && <button type="button" class="btn" onClick={closeDialog}>Not now</button>}
        <button class={`btn ${tone}`} aria-disabled={busy || off}>{busy ? 'Sending…' : action}</button>
      </footer>
    </form>
  );
}

/** A named field with its hint and what is wrong with it. */
export function Field({ label, hint, wrong, children }: {
  label: string; hint?: ComponentChildren; wrong?: string; children: (ids: { id: string; 'aria-describedby': string; 'aria-invalid': boolean }) => ComponentChildren;
}) {
  const id = useId();
  return (
    <div class="field">
      <label for={id}>{label}</label>
      {children({ id, 'aria-describedby': `${id}-more`, 'aria-invalid': wrong !== undefined })}
      <div id={`${id}-more`}>
        {wrong && <div class="wrong break"><Foreign text={wrong} /></div>}
        {hint && <div class="hint">{hint}</div>}
      </div>
    </div>
  );
}

/** One of a line of text. */
export function Text({ label, value, hint, wrong, onChange, ...more }: { label: string; value: string; hint?: ComponentChildren; wrong?: string; onChange: (v: string) => void; list?: string; required?: boolean; disabled?: boolean; placeholder?: string; class?: string }) {
  return <Field label={label} hint={hint} wrong={wrong}>{(ids) => <input {...ids} {...more} type="text" class={`input ${more.class ?? ''}`} autocomplete="off" spellcheck={false} value={value} onInput={(e) => onChange(e.currentTarget.value)} />}</Field>;
}
