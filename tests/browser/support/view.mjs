// view.mjs - a browser, and what is looked at in it.
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';
import { until, url } from './world.mjs';

let started;

export function browser() {
  started ??= chromium.launch({
    executablePath: process.env.CRONOBS_CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--js-flags=--expose-gc'],
  });
  return started;
}

export const closeBrowser = async () => (await started)?.close();

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
