// rest.ts - the screens that most visits do not begin with: one file, fetched when the first of them is opened. One, because every
// further one would cut what they share with the first screen into more pieces to fetch.
export { default as Runs } from './screens/runs.tsx';
export { default as Task } from './screens/task.tsx';
export { default as Execution } from './screens/execution.tsx';
export { default as Editor } from './screens/editor.tsx';
export { default as Import } from './screens/import.tsx';
