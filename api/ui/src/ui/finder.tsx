// finder.tsx - find a task by key, title or label, an execution by its id.
import { useState } from 'preact/hooks';
import { query, segment, useResource } from '../api.ts';
import { go, href } from '../router.ts';
import { closeDialog, Field, Question } from './dialog.tsx';
import { Foreign } from './foreign.tsx';

interface Found {
  items: { project: string; key: string; title?: string }[];
}

const isId = (text: string): boolean => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text);

export function Finder() {
  const [text, setText] = useState('');
  const q = text.trim();
  const seen = useResource<Found>(q.length > 1 && !isId(q) ? `/v1/tasks${query({ q, limit: 10 })}` : undefined, { keep: true });
  const items = q.length > 1 ? seen.data?.items ?? [] : [];
  const open = (path: string): void => {
    closeDialog();
    go(href(path));
  };
  const first = (): void => {
    if (isId(q)) open(`/executions/${q.toLowerCase()}`);
    else if (items[0]) open(`/tasks/${segment(`${items[0].project}~${items[0].key}`)}`);
  };
  return (
    <Question title="Find" action="Open" onSubmit={first}>
      <Field label="A task or an execution" hint="Key, title or label of a task; the id of an execution">
        {(ids) => <input {...ids} class="input" type="search" autoFocus autocomplete="off" value={text} onInput={(e) => setText(e.currentTarget.value)} />}
      </Field>
      <ul class="found" aria-live="polite">
        {items.map((t) => {
          const key = `${t.project}~${t.key}`;
          return <li key={key}><a href={href(`/tasks/${segment(key)}`)} onClick={closeDialog}><span class="strong"><Foreign text={t.title || t.key} /></span> <span class="mono dim"><Foreign text={key} /></span></a></li>;
        })}
        {q.length > 1 && !isId(q) && seen.data && items.length === 0 && <li class="dim">No task has “<Foreign text={q} />” in its key, title or labels.</li>}
      </ul>
    </Question>
  );
}
