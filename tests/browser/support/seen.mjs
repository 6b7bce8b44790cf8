// seen.mjs - a test with a browser of its own (a context), that fails, too, when anything ran, left or broke that must not.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, test } from 'node:test';
import { browser, closeBrowser, View } from './view.mjs';
import { seen as folder, zone } from './world.mjs';

after(closeBrowser);

/** What must not happen, whatever a test is about. */
function guard(context, allowed) {
  const wrong = [];
  const say = (what) => { if (!allowed?.test(what)) wrong.push(what); };
  const watch = (page) => {
    page.on('console', (m) => { if (m.type() === 'error' || m.type() === 'warning') say(`console: ${m.text()} ${m.location().url}`); });
    page.on('pageerror', (e) => say(`error: ${e.message}`));
    page.on('dialog', (d) => { say(`dialog: ${d.message()}`); void d.dismiss(); });
    page.on('popup', (p) => say(`popup: ${p.url()}`));
  };
  context.on('page', watch);
  context.on('request', (r) => { if (!/^(http:\/\/127\.0\.0\.1:\d+\/|data:|blob:)/.test(r.url())) say(`left the origin: ${r.url()}`); });
  return { wrong, say };
}

/**
 * seen('1 what a user sees', async (v, more) => {…}, {viewport, colorScheme, timezoneId, allows}): allows is a pattern of what this test brings about
 * itself, as answers that fail.
 */
export function seen(name, body, { allows, ...options } = {}) {
  test(name, { timeout: 120_000 }, async () => {
    const context = await (await browser()).newContext({ viewport: { width: 1440, height: 900 }, timezoneId: zone, locale: 'en-GB', reducedMotion: 'reduce', ...options });
    context.setDefaultTimeout(20_000);
    const guarded = guard(context, allows);
    await context.exposeBinding('reportedByPolicy', (_, text) => guarded.say(`policy: ${text}`));
    await context.addInitScript(() => addEventListener('securitypolicyviolation', (e) => window.reportedByPolicy(`${e.violatedDirective} ${e.blockedURI} ${e.sample}`)));
    const page = await context.newPage();
    try {
      await body(new View(page), context);
      assert.deepEqual(guarded.wrong, [], 'what must not happen');
    } catch (error) {
      mkdirSync(`${folder}/failed`, { recursive: true });
      await page.screenshot({ path: `${folder}/failed/${name.replace(/\W+/g, '-').slice(0, 60)}.png`, timeout: 5000 }).catch(() => undefined);
      throw error;
    } finally {
      await context.close();
    }
  });
}
