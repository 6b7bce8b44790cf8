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
    await until(`nothing is loading any more at ${this.page.url()}`, () => this.page.evaluate(() => !document.querySelector('main .bone, main [aria-busy=true]')));
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

  /** Nothing is wider than the window or its panel, is scrolled sideways to be read (but for tables, logs and time lines), stands a letter or two a
   *  line, or is cut off where it could be clicked. */
  async fits(where = '') {
    const wide = await this.page.evaluate(() => {
      const width = document.documentElement.clientWidth;
      const free = '.scroll, .pre, .lines, .timeline, svg, .vh, .skip, textarea';
      const say = (e, what) => `${e.tagName}.${e.getAttribute('class') ?? ''} "${e.textContent.trim().slice(0, 30)}": ${what}`;
      const wrong = document.documentElement.scrollWidth > width ? [`document: ${document.documentElement.scrollWidth} of ${width}`] : [];
      for (const e of document.querySelectorAll('body *')) {
        if (e.closest(free)) continue;
        const box = e.getBoundingClientRect();
        if (box.width === 0 || box.height === 0) continue;
        const style = getComputedStyle(e);
        if (box.right > width + 1 && document.documentElement.scrollWidth > width) wrong.push(say(e, `ends at ${Math.round(box.right)} of ${width}`));
        if (/auto|scroll/.test(style.overflowX) && e.scrollWidth > e.clientWidth + 1) wrong.push(say(e, `is scrolled: ${e.scrollWidth} in ${e.clientWidth}`));
        const panel = e.matches('td, li, dt, dd, p, time, .st, .btn') && !e.closest('.cut *') && e.closest('.panel')?.getBoundingClientRect();
        if (panel && (box.right > panel.right + 1 || box.left < panel.left - 1)) wrong.push(say(e, `ends at ${Math.round(box.right)}, its panel at ${Math.round(panel.right)}`));
        if (e.matches('td *, td, li *, dd *') && box.width < 40 && box.height > 70 && e.textContent.trim().length > 8) wrong.push(say(e, `a letter a line: ${Math.round(box.width)} by ${Math.round(box.height)}`));
        if (!e.matches('a[href], button, input, select')) continue;
        for (let up = e.parentElement; up; up = up.parentElement) {
          const clip = up.getBoundingClientRect();
          if (getComputedStyle(up).overflowX !== 'visible' && !up.matches('.cut, .tag, .two *') && (box.right > clip.right + 1 || box.left < clip.left - 1)) wrong.push(say(e, `is cut off by ${up.tagName}.${up.className}`));
        }
      }
      return wrong.slice(0, 8);
    });
    assert.deepEqual(wide, [], where);
  }
}
