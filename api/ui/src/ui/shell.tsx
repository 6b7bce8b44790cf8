// shell.tsx - the frame of all screens: the bar at the top, what is wrong with the connection, the screen, dialogs.
import { signal } from '@preact/signals';
import { useEffect, useState } from 'preact/hooks';
import { awaySince } from '../api.ts';
import { useKeys } from '../keys.ts';
import { found, go, href, place } from '../router.ts';
import { routes, type Route, type Screen } from '../routes.ts';
import { ageOf, onServer, zoneNamed } from '../state.ts';
import { live, lostAt, newVersion, retryAt } from '../stream.ts';
import { about, clockSeconds } from '../time.ts';
import { civil } from '../zone.ts';
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
  const state = awaySince.value ? 'away' : live.value;
  const kind = state === 'live' ? '' : state === 'away' ? 'off' : 'poll';
  return <span class={`live ${kind}`} role="status" title="How what is shown keeps up to date"><i />{words[state]}</span>;
}

/** Since when the server is away, ms of this computer; 0: it is there, or will be in a moment. */
function lostSince(): number {
  const since = awaySince.value || lostAt.value;
  return since !== 0 && ageOf(since) > 1500 ? since : 0;
}

function Away() {
  const zone = useZone();
  if (newVersion.value)
    return <div class="band">There is a new version of this page. <button class="btn small" onClick={() => location.reload()}>Reload</button></div>;
  const since = lostSince();
  if (since === 0) return null;
  const wait = retryAt.value - Date.now();
  return <div class="band" role="alert">Not connected since {clockSeconds(civil(zoneNamed(zone), onServer(since)))}, trying again{wait > 1000 ? ` in ${about(wait)}` : ''}. What is shown may be old.</div>;
}

function Top() {
  const path = place.value.path;
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
        {bar.map((r) => <a key={r.path} href={href(r.path)} aria-current={path === r.path ? 'page' : path.startsWith(`${r.path}/`) ? 'true' : undefined}>{r.title}</a>)}
      </nav>
      <span class="grow" />
      <button class="find" onClick={() => openDialog(() => <Finder />)} aria-label="Find a task or an execution">
        <Icon name="i-find" /><span class="grow">Find a task or an execution</span><kbd>/</kbd>
      </button>
      <ZoneMenu />
      <Live />
      <a class="btn first new" href={href('/new')} aria-label="New task"><Icon name="i-plus" /><span class="word">New task</span></a>
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
    (route.screen as () => Promise<Screen>)().then((screen) => {
      loaded.set(route, screen);
      redraw((n) => n + 1);
    }, () => setFailed(route));
  }, [route]);
  return { Screen: route && ready(route), failed: failed === route && route !== undefined };
}

export function Shell() {
  const at = found.value;
  const { Screen, failed } = useScreen(at?.route);

  useEffect(() => { title.value = ''; }, [place.value.path]);
  useEffect(() => { document.title = `${title.value || at?.route.title || 'Nothing here'} · Cron Observer`; });
  useKeys([
    { keys: '?', what: 'This list of keys', run: () => openDialog(() => <KeyList />) },
    { keys: '/', what: 'Find a task or an execution', run: () => openDialog(() => <Finder />) },
    ...bar.map((r) => ({ keys: `g ${r.key}`, what: r.title, run: () => go(href(r.path)) })),
  ]);

  return (
    <>
      <Top />
      <Away />
      <main id="main" tabIndex={-1} class={lostSince() ? 'stale' : undefined}>
        {Screen && at && <Screen key={at.route.path + JSON.stringify(at.args)} args={at.args} />}
        {failed && <ProblemBox problem={{ status: 0, title: 'This part of the page could not be loaded', detail: 'The server does not answer, or has another version by now.' }} retry={() => location.reload()} />}
        {!at && <Empty><h1>There is no such screen</h1><p><a href={href('/now')}>To Now</a></p></Empty>}
      </main>
      <DialogRoot />
      <Toasts />
    </>
  );
}
