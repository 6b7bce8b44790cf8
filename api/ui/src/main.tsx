// main.tsx - the page begins here.
import { effect } from '@preact/signals';
import { render } from 'preact';
import { reloadAll } from './api.ts';
import * as keys from './keys.ts';
import * as router from './router.ts';
import { isDark } from './state.ts';
import * as stream from './stream.ts';
import { Shell } from './ui/shell.tsx';

effect(() => { document.documentElement.dataset['theme'] = isDark.value ? 'dark' : 'light'; });
router.start();
keys.start();
stream.onHello(reloadAll);
stream.start();

const root = document.getElementById('page');
if (root) {
  root.replaceChildren();
  render(<Shell />, root);
}
