// screenshots.mjs - the pictures of the documents: screenshots.mjs URL FOLDER
import { statSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(new URL('../../tests/browser/package.json', import.meta.url));
const { chromium } = require('playwright-core');

const [url, folder] = process.argv.slice(2);
const limit = 250_000; // bytes: they are in the repository

const read = async (path) => {
  const answer = await fetch(url + path);
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer.json();
};

const newest = async (query, fits = () => true) => (await read(`/v1/executions?${query}&limit=50`)).items.find(fits).execution_id;

/** What is shown: its name, where it is, what has to be there before the picture is taken, how high it is. */
const pictures = async () => {
  const task = 'warehouse~stock-levels';
  const ran = await newest(`task=${task}&status=TIMED_OUT`);
  const failed = await newest('task=media~transcode&status=FAILED', (e) => e.exit_code === 75);
  const day = new Date(await read(`/v1/executions/${ran}`).then((e) => e.scheduled_at)).toISOString().slice(0, 10);
  return [
    { name: 'now', path: '/ui/now', ready: 'text=Needs attention', height: 900 },
    { name: 'task', path: `/ui/tasks/${task}?day=${day}&run=${ran}`, ready: 'text=Days with problems', height: 830 },
    { name: 'execution', path: `/ui/executions/${failed}`, ready: 'text=No space left on device', height: 860 },
  ];
};

const take = async (browser, picture, theme) => {
  const page = await browser.newPage({
    viewport: { width: 1440, height: picture.height },
    colorScheme: theme,
    reducedMotion: 'reduce',
    timezoneId: 'Europe/Berlin',
    locale: 'en-GB',
  });
  const path = join(folder, `${picture.name}-${theme}.png`);
  await page.goto(url + picture.path);
  await page.locator(picture.ready).first().waitFor({ timeout: 20_000 });
  await page.waitForFunction(settled, undefined, { timeout: 20_000, polling: 500 });
  await page.screenshot({ path });
  await page.close();
  const bytes = statSync(path).size;
  console.log(`${path}: ${bytes} bytes`);
  if (bytes > limit) throw new Error(`${path} has more than ${limit} bytes`);
};

/** In the page: true once its text has stayed the same between two looks and nothing is on its way. */
const settled = () => {
  const now = document.body.innerText.replace(/\d+/g, '0');
  const same = window.shownBefore === now && document.querySelector('[aria-busy=true]') === null;
  window.shownBefore = now;
  return same;
};

const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--force-color-profile=srgb'] });
try {
  for (const picture of await pictures()) for (const theme of ['light', 'dark']) await take(browser, picture, theme);
} finally {
  await browser.close();
}
