// seen.mjs - a test with a browser of its own (a context), that fails, too, when anything ran, left or broke that must not.
import assert from 'node:assert/strict';
import { mkdirSync } from 'node:fs';
import { after, test } from 'node:test';
import { chromium } from 'playwright-core';
import { seen as folder, until, url } from './world.mjs';

let started;

export function browser() {
  started ??= chromium.launch({
    executablePath: process.env.CRONOBS_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--js-flags=--expose-gc'],
  });
  return started;
}

after(async () => (await started)?.close());

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

/** What is looked at. */
export class View {
  constructor(page, base = url) {
    this.page = page;
    this.base = base;
  }

  /** Goes to a screen: open('/now'). Waits until it shows more than bones. */
  async open(path, base = this.base) {
    this.base = base;
    await this.page.goto(`${base}/ui${path}`);
    await this.ready();
  }

  async ready() {
    await this.page.locator('main h1, main .problem, main .empty').first().waitFor({ state: 'attached' });
    await until('nothing is loading any more', () => this.page.evaluate(() => !document.querySelector('main .bone, main [aria-busy=true]')));
  }

  /** A part of the screen by its accessible name. */
  part(name) {
    return this.page.getByRole('region', { name, exact: true });
  }

  button(name) {
    return this.page.getByRole('button', { name, exact: true });
  }

  link(name) {
    return this.page.getByRole('link', { name, exact: true });
  }

  /** Waits until a text (or what a pattern matches) can be seen. */
  async sees(text, where = this.page, seconds = 20) {
    await where.getByText(text).locator('visible=true').first().waitFor({ timeout: 1000 * seconds });
  }

  async text(selector) {
    return (await this.page.locator(selector).allInnerTexts()).join('\n');
  }

  count(selector) {
    return this.page.locator(selector).count();
  }

  until(what, condition, seconds) {
    return until(what, condition, seconds);
  }

  get address() {
    return new URL(this.page.url());
  }

  /** No part of the document is wider than the window. */
  async fits() {
    const wide = await this.page.evaluate(() => {
      const width = document.documentElement.clientWidth;
      if (document.documentElement.scrollWidth <= width) return [];
      return [...document.querySelectorAll('body *')].filter((e) => e.getBoundingClientRect().right > width + 1 && !e.closest('.scroll, .pre, .lines, .tabs, .timeline, .nav, svg'))
        .slice(0, 5).map((e) => `${e.tagName}.${e.className}: ${Math.round(e.getBoundingClientRect().right)} of ${width}`).concat(`document: ${document.documentElement.scrollWidth} of ${width}`);
    });
    assert.deepEqual(wide, []);
  }
}

/**
 * seen('1 what a user sees', async (v, more) => {…}, {viewport, colorScheme, timezoneId, allows}): allows is a pattern of what this test brings about
 * itself, as answers that fail.
 */
export function seen(name, body, { allows, ...options } = {}) {
  test(name, { timeout: 120_000 }, async () => {
    const context = await (await browser()).newContext({ viewport: { width: 1440, height: 900 }, timezoneId: 'Europe/Berlin', locale: 'en-GB', reducedMotion: 'reduce', ...options });
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
