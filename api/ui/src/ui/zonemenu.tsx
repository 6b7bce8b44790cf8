// zonemenu.tsx - the zone that times are shown in: the task's, the browser's, UTC, any.
import { useEffect } from 'preact/hooks';
import { ask, needZone } from '../api.ts';
import { browserZone, isDark, now, returns, theme, zoneChoice, zoneNamed, zones } from '../state.ts';
import { offsetText } from '../time.ts';
import { offsetAt } from '../zone.ts';
import { closeDialog, Field, openDialog, Question } from './dialog.tsx';
import { Icon } from './icon.tsx';
import { Menu } from './menu.tsx';
import { useState } from 'preact/hooks';

/** The name of the zone to show times in, for something whose own zone is `own`; of the address (`tz`), where it says one. Loads its rules. */
export function useZone(own?: string, tz?: string): string {
  const choice = zoneChoice.value;
  const name = tz || (choice === 'task' && own ? own : choice === 'mine' || choice === 'task' ? browserZone : choice);
  useEffect(() => void needZone(name), [name, returns.value]);
  return zones.value[name] ? name : 'UTC';
}

function Choose() {
  const [text, setText] = useState('');
  const [names, setNames] = useState<string[]>([]);
  const [wrong, setWrong] = useState<string>();
  useEffect(() => void ask<{ items: string[] }>('/v1/zones').then((a) => setNames(a.data?.items ?? [])), []);
  const take = async (): Promise<void> => {
    await needZone(text);
    if (!zones.peek()[text]) return setWrong(`The server knows no zone ${text}.`);
    zoneChoice.value = text;
    closeDialog();
  };
  return (
    <Question title="Show times in another zone" action="Show" onSubmit={() => void take()}>
      <Field label="Zone" hint="By its IANA name, as Europe/Berlin" wrong={wrong}>
        {(ids) => <input {...ids} class="input" list="zone-names" autoFocus autocomplete="off" value={text} onInput={(e) => setText(e.currentTarget.value.trim())} />}
      </Field>
      <datalist id="zone-names">{names.map((n) => <option key={n} value={n} />)}</datalist>
    </Question>
  );
}

export function ZoneMenu() {
  const name = useZone();
  const mark = (is: boolean) => <Icon name={is ? 'i-check' : 'none'} />;
  const choice = zoneChoice.value;
  const zone = zoneNamed(name);
  return (
    <Menu
      label={`${choice === 'task' ? 'Task’s zone' : name} ${offsetText(offsetAt(zone, now.value))}: the zone of all times`} class="btn quiet zone"
      button={<><Icon name="i-globe" /><span class="name">{choice === 'task' ? 'Task’s zone' : name}</span> <span class="dim">{offsetText(offsetAt(zone, now.value))}</span><Icon name="i-down" /></>}
      items={[
        { text: <>{mark(choice === 'task')}The task’s own zone</>, run: () => { zoneChoice.value = 'task'; } },
        { text: <>{mark(choice === 'mine')}Mine: {browserZone}</>, run: () => { zoneChoice.value = 'mine'; } },
        { text: <>{mark(choice === 'UTC')}UTC</>, run: () => { zoneChoice.value = 'UTC'; } },
        { text: <>{mark(!['task', 'mine', 'UTC'].includes(choice))}Another…</>, run: () => openDialog(() => <Choose />) },
        { text: <><Icon name="i-sun" />{isDark.value ? 'Light' : 'Dark'} colours</>, run: () => { theme.value = isDark.value ? 'light' : 'dark'; } },
      ]}
    />
  );
}
