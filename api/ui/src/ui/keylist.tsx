// keylist.tsx - what "?" shows: every key that does something here, and the switch for single keys.
import { bindings } from '../keys.ts';
import { singleKeys } from '../state.ts';
import { closeDialog, Question } from './dialog.tsx';

export function KeyList() {
  return (
    <Question title="Keys" action="Close" onSubmit={closeDialog}>
      <table>
        <tbody>
          {bindings().map((b) => (
            <tr key={b.keys}><td>{b.keys.split(' ').map((k) => <kbd key={k}>{k}</kbd>)}</td><td>{b.what}</td></tr>
          ))}
        </tbody>
      </table>
      <label class="check"><input type="checkbox" checked={singleKeys.value === 'on'} onChange={(e) => { singleKeys.value = e.currentTarget.checked ? 'on' : 'off'; }} />Single keys are on</label>
    </Question>
  );
}
