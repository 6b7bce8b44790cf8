// screenshots.mjs FOLDER - each screen in each size, light and dark; and empty, in error, without a connection. Run by suite.py --screenshots.
import { mkdirSync } from 'node:fs';
import { browser, closeBrowser, View } from './support/view.mjs';
import { dayText, facts, hand } from './support/world.mjs';

const folder = process.argv[2];
const screens = {
  now: '/now', runs: '/runs', tasks: '/tasks', upcoming: '/upcoming', queues: '/queues', system: '/system', new: '/new', import: '/import',
  task: `/tasks/default~big?day=${dayText(Date.now() - 86_400_000)}&run=${facts.bigRun}`, durations: '/tasks/default~big?tab=durations', schedule: '/tasks/default~berlin?tab=schedule',
  definition: '/tasks/default~big?tab=definition', edit: '/tasks/default~berlin/edit', execution: `/executions/${facts.longlog}`, hostile: `/executions/${facts.hostile}`,
  load: `/upcoming?view=load&from=${dayText(Date.now() + 86_400_000)}`, workers: '/queues/history', why: `/tasks/default~big?why=${dayText(Date.now())}`, missed: `/executions/${facts.bigMissed}`,
};
const sizes = { 1440: 900, 768: 1024, 390: 844 };

async function shoot(name, width, colorScheme, act) {
  const context = await (await browser()).newContext({ viewport: { width, height: sizes[width] }, colorScheme, reducedMotion: 'reduce', timezoneId: 'Europe/Berlin' });
  const page = await context.newPage();
  try {
    await act(new View(page), page);
    await page.screenshot({ path: `${folder}/${name}-${width}-${colorScheme}.png` });
  } catch (error) {
    console.log(`${name}-${width}-${colorScheme}: ${error.message.split('\n')[0]}`);
  }
  await context.close();
}

mkdirSync(folder, { recursive: true });
const empty = await hand.empty();
const odd = {
  empty: (path) => (v) => v.open(path, empty),
  error: (path) => async (v, page) => {
    await page.route(/\/v1\/(?!session|zones|stream)/, (r) => r.fulfill({ status: 503, json: { title: 'The database is away', detail: 'The database cannot be reached.', hint: 'It is asked again as soon as it is back.' } }));
    await v.open(path);
  },
  away: (path) => async (v, page) => {
    await page.route(/\/v1\/stream/, (r) => r.abort());
    await v.open(path);
    await v.sees(/Not connected since/);
  },
};
for (const colorScheme of ['light', 'dark'])
  for (const width of Object.keys(sizes).map(Number))
    for (const [name, path] of Object.entries(screens)) {
      await shoot(name, width, colorScheme, (v) => v.open(path));
      if (width !== 768 && ['now', 'runs', 'tasks', 'upcoming', 'task'].includes(name))
        for (const [kind, act] of Object.entries(odd)) if (kind !== 'empty' || name !== 'task') await shoot(`${name}-${kind}`, width, colorScheme, act(path));
    }
await closeBrowser();
