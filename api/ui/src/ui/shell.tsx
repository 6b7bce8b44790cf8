// shell.tsx - the frame of all screens: the bar at the top, what is wrong with the connection, the screen, dialogs.
import { effect, signal } from '@preact/signals';
import { render } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { reloadAll } from '../api.ts';
import { spelt } from '../log/ansi.ts';
import * as keys from '../keys.ts';
import * as router from '../router.ts';
import { found, go, href, path } from '../router.ts';
import { routes, type Route, type Screen } from '../routes.ts';
import { isAway, isDark, lostSince, onServer, returns, zoneNamed } from '../state.ts';
import * as stream from '../stream.ts';
import { live, newVersion, retryAt } from '../stream.ts';
import { about, clockSeconds } from '../time.ts';
import { civil } from '../zone.ts';
import { ActLink } from './act.tsx';
import { DialogRoot, openDialog } from './dialog.tsx';
import { Finder } from './finder.tsx';
import { Icon } from './icon.tsx';
import { KeyList } from './keylist.tsx';
import { Empty, ProblemBox } from './problem.tsx';
import { Toasts } from './toast.tsx';
import { useZone, ZoneMenu } from './zonemenu.tsx';

const bar = routes.filter((r) => r.key);

/** The document's title, by screens that know a better one than their route's. */
export const title = signal('');

function Live() {
  const words = { connecting: 'Connecting', live: 'Live', polling: 'Polling', away: 'Not connected' };
  const state = isAway.value ? 'away' : live.value;
  const kind = state === 'live' ? '' : state === 'away' ? 'off' : 'poll';
  return <span class={`live ${kind}`} role="status" title="How what is shown keeps up to date"><i />{words[state]}</span>;
}

function Away() {
  const zone = useZone();
  const since = lostSince.value;
  if (since === 0)
    return newVersion.value ? <div class="band">There is a new version of this page. <button class="btn small" onClick={() => location.reload()}>Reload</button></div> : null;
  const wait = retryAt.value - Date.now();
  return <div class="band" role="alert">Not connected since {clockSeconds(civil(zoneNamed(zone), onServer(since)))}, trying again{wait > 1000 ? ` in ${about(wait)}` : ''}. What is shown may be old.</div>;
}

function Top() {
  const at = path.value;
  return (
    <header class="top">
      <a class="skip" href="#main">To the content</a>
      <a class="brand" aria-label="Cron Observer" href={href('/now')}>
        <svg viewBox="0 0 20 20" aria-hidden="true">
          <circle cx="10" cy="10" r="8.6" fill="none" stroke="var(--accent)" stroke-width="1.8" />
          <path d="M10 10V4.6M10 10l3.9 2.3" stroke="var(--accent)" stroke-width="1.8" stroke-linecap="round" />
          <circle cx="10" cy="10" r="1.6" fill="var(--accent)" />
          <circle cx="16.1" cy="3.9" r="2.6" fill="var(--ok-f)" stroke="var(--surface)" stroke-width="1.4" />
        </svg>
        <span>Cron Observer</span>
      </a>
      <nav class="nav" aria-label="Main">
        {bar.map((r) => <a key={r.path} href={href(r.path)} aria-current={at === r.path ? 'page' : at.startsWith(`${r.path}/`) ? 'true' : undefined}>{r.title}</a>)}
      </nav>
      <span class="grow" />
      <button class="find" onClick={() => openDialog(() => <Finder />)} aria-label="Find a task or an execution">
        <Icon name="i-find" /><span class="grow">Find a task or an execution</span><kbd>/</kbd>
      </button>
      <ZoneMenu />
      <Live />
      <ActLink class="btn first new" href={href('/new')} aria-label="New task"><Icon name="i-plus" /><span class="word">New task</span></ActLink>
    </header>
  );
}

const loaded = new Map<Route, Screen>();

const ready = (route: Route): Screen | undefined => (route.fetched ? loaded.get(route) : (route.screen as Screen));

function useScreen(route: Route | undefined): { Screen?: Screen; failed?: boolean } {
  const [, redraw] = useState(0);
  const [failed, setFailed] = useState<Route>();
  useEffect(() => {
    if (!route || ready(route)) return;
    setFailed(undefined);
    (route.screen as () => Promise<Screen>)().then((screen) => {
      loaded.set(route, screen);
      redraw((n) => n + 1);
    }, () => setFailed(route));
  }, [route, returns.value]);
  return { Screen: route && ready(route), failed: failed === route && route !== undefined };
}

export function Shell() {
  const at = found.value;
  const { Screen, failed } = useScreen(at?.route);

  useEffect(() => { title.value = ''; }, [path.value]);
  useEffect(() => { document.title = `${spelt(title.value) || at?.route.title || 'Nothing here'} · Cron Observer`; });
  keys.useKeys([
    { keys: '?', what: 'This list of keys', run: () => openDialog(() => <KeyList />) },
    { keys: '/', what: 'Find a task or an execution', run: () => openDialog(() => <Finder />) },
    ...bar.map((r) => ({ keys: `g ${r.key}`, what: r.title, run: () => go(href(r.path)) })),
  ]);

  return (
    <>
      <Top />
      <Away />
      <main id="main" tabIndex={-1} class={isAway.value ? 'stale' : undefined}>
        {Screen && at && <Screen key={at.route.path + JSON.stringify(at.args)} args={at.args} />}
        {failed && <ProblemBox problem={{ status: 0, title: 'This part of the page could not be loaded', detail: 'The server does not answer, or has another version by now.' }} retry={() => location.reload()} />}
        {!at && <Empty><h1>There is no such screen</h1><p><a href={href('/now')}>To Now</a></p></Empty>}
      </main>
      <DialogRoot />
      <Toasts />
    </>
  );
}

/** Once, by main.tsx. Here, among what all screens share: a file of its own would be one of many names to fetch first. */
export function start(): void {
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
}
