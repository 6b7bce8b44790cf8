// toast.tsx - short words on what came of an action, said politely to screen readers.
import { signal } from '@preact/signals';
import { Foreign } from './foreign.tsx';
import { Icon } from './icon.tsx';

interface Toast {
  id: number;
  text: string;
  tone: 'ok' | 'bad' | 'warn';
  link?: { href: string; text: string };
}

const list = signal<Toast[]>([]);
let last = 0;

export function toast(text: string, tone: Toast['tone'] = 'ok', link?: Toast['link']): void {
  const id = ++last;
  list.value = [...list.value.slice(-3), { id, text, tone, link }];
  setTimeout(() => drop(id), tone === 'bad' ? 15_000 : 7000);
}

const drop = (id: number): void => { list.value = list.value.filter((t) => t.id !== id); };
const glyphs = { ok: 'g-ok', bad: 'g-failed', warn: 'g-late' };

export function Toasts() {
  return (
    <div class="toasts" role="status" aria-live="polite">
      {list.value.map((t) => (
        <div class="toast" key={t.id}>
          <Icon name={glyphs[t.tone]} class={t.tone} />
          <div class="grow break"><Foreign text={t.text} />{t.link && <> <a href={t.link.href}>{t.link.text}</a></>}</div>
          <button class="btn quiet small square" aria-label="Close" onClick={() => drop(t.id)}><Icon name="i-close" /></button>
        </div>
      ))}
    </div>
  );
}
