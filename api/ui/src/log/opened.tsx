// opened.tsx - one line as a whole: JSON in lines, what was written over, all of a long message.
import { Icon } from '../ui/icon.tsx';
import { fold, formatted } from './fold.ts';
import type { Whole } from './folds.ts';
import { Message } from './row.tsx';

export function Opened({ line, onClose }: { line: Whole; onClose: () => void }) {
  const { text, before } = fold(line.message);
  const json = formatted(text);
  return (
    <div class="opened">
      <div class="head-line"><span class="strong">{line.first ? `Lines ${line.first}–${line.seq}` : `Line ${line.seq}`}</span><span class="grow" />
        <button class="btn small" onClick={() => void navigator.clipboard?.writeText(line.message)}>Copy</button>
        <button class="btn quiet small square" aria-label="Close" onClick={onClose}><Icon name="i-close" /></button>
      </div>
      <div class="pre" tabIndex={0}>
        {before.map((state, i) => <div class="dim" key={i}><Message text={state} escaped={line.escaped} q="" /></div>)}
        <Message text={json ?? text} escaped={line.escaped} q="" />
      </div>
    </div>
  );
}
