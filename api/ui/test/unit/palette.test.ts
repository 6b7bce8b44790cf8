import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';

// Recomputes from tokens.css what it promises: contrast by WCAG 2.2, differences by CIEDE2000 (CIE 142-2001), colour-blind sight by
// Machado, Oliveira and Fernandes 2009 (severity 1.0).
const css = readFileSync(join(process.env['CRONOBS_UI']!, 'src/css/tokens.css'), 'utf8');

function theme(selector: string): Record<string, string> {
  const block = css.slice(css.indexOf(`${selector} {`));
  const tokens: Record<string, string> = {};
  for (const m of block.slice(0, block.indexOf('}')).matchAll(/--([\w-]+): (#[0-9a-f]{6});/g)) tokens[m[1]!] = m[2]!;
  return tokens;
}

type Three = [number, number, number];
const rgb = (hex: string): Three => [1, 3, 5].map((i) => parseInt(hex.slice(i, i + 2), 16) / 255) as Three;
const linear = (c: Three): Three => c.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)) as Three;
const times = (m: number[][], v: Three): Three => m.map((r) => r[0]! * v[0] + r[1]! * v[1] + r[2]! * v[2]) as Three;
const luminance = (hex: string): number => { const [r, g, b] = linear(rgb(hex)); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };

function contrast(a: string, b: string): number {
  const [x, y] = [luminance(a), luminance(b)].sort((p, q) => q - p) as [number, number];
  return (x + 0.05) / (y + 0.05);
}

const sights: Record<string, number[][]> = {
  normal: [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
  protan: [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
  deutan: [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
  tritan: [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
};

function lab(hex: string, sight: number[][]): Three {
  const seen = times(sight, linear(rgb(hex))).map((v) => Math.min(1, Math.max(0, v))) as Three;
  const [x, y, z] = times([[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]], seen);
  const f = (t: number): number => (t > 216 / 24389 ? Math.cbrt(t) : ((24389 / 27) * t + 16) / 116);
  const [fx, fy, fz] = [f(x / 0.95047), f(y), f(z / 1.08883)];
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}

function deltaE([l1, a1, b1]: Three, [l2, a2, b2]: Three): number {
  const rad = Math.PI / 180;
  const c7 = ((Math.hypot(a1, b1) + Math.hypot(a2, b2)) / 2) ** 7;
  const g = 0.5 * (1 - Math.sqrt(c7 / (c7 + 25 ** 7)));
  const [p1, p2] = [a1 * (1 + g), a2 * (1 + g)];
  const [c1, c2] = [Math.hypot(p1, b1), Math.hypot(p2, b2)];
  const hue = (a: number, b: number): number => (a === 0 && b === 0 ? 0 : (Math.atan2(b, a) / rad + 360) % 360);
  const [h1, h2] = [hue(p1, b1), hue(p2, b2)];
  let dh = c1 * c2 === 0 ? 0 : h2 - h1;
  if (dh > 180) dh -= 360;
  if (dh < -180) dh += 360;
  const dH = 2 * Math.sqrt(c1 * c2) * Math.sin((dh / 2) * rad);
  const l = (l1 + l2) / 2;
  const c = (c1 + c2) / 2;
  let h = h1 + h2;
  if (c1 * c2 !== 0) h = Math.abs(h1 - h2) <= 180 ? h / 2 : h < 360 ? (h + 360) / 2 : (h - 360) / 2;
  const t = 1 - 0.17 * Math.cos((h - 30) * rad) + 0.24 * Math.cos(2 * h * rad) + 0.32 * Math.cos((3 * h + 6) * rad) - 0.2 * Math.cos((4 * h - 63) * rad);
  const rc = 2 * Math.sqrt(c ** 7 / (c ** 7 + 25 ** 7));
  const sl = 1 + (0.015 * (l - 50) ** 2) / Math.sqrt(20 + (l - 50) ** 2);
  const rt = -Math.sin(60 * Math.exp(-(((h - 275) / 25) ** 2)) * rad) * rc;
  const [x, y, z] = [(l2 - l1) / sl, (c2 - c1) / (1 + 0.045 * c), dH / (1 + 0.015 * c * t)];
  return Math.sqrt(x * x + y * y + z * z + rt * y * z);
}

const families = ['ok', 'run', 'bad', 'warn', 'idle'];
const grounds = ['bg', 'surface', 'sunken', 'hover', 'accent-bg'];

test('the formula is the published one', () => {
  // Sharma, Wu, Dalal 2005, pairs 1, 7 and 25
  assert.ok(Math.abs(deltaE([50, 2.6772, -79.7751], [50, 0, -82.7485]) - 2.0425) < 1e-4);
  assert.ok(Math.abs(deltaE([50, 0, 0], [50, -1, 2]) - 2.3669) < 1e-4);
  assert.ok(Math.abs(deltaE([60.2574, -34.0099, 36.2677], [60.4626, -34.1751, 39.4387]) - 1.2644) < 1e-4);
});

for (const [name, selector] of [['light', ':root'], ['dark', ':root[data-theme=dark]']] as const) {
  const t = theme(selector);

  test(`${name}: every text on every ground and its own tint`, () => {
    for (const text of ['text', 'text2', 'text3', ...families])
      for (const ground of [...grounds, ...(families.includes(text) ? [`${text}-b`] : [])])
        assert.ok(contrast(t[text]!, t[ground]!) >= 4.5, `${text} on ${ground}: ${contrast(t[text]!, t[ground]!).toFixed(2)}`);
    for (const ground of ['bg', 'surface', 'sunken', 'hover']) assert.ok(contrast(t['accent']!, t[ground]!) >= 4.5, `accent on ${ground}`);
    assert.ok(contrast(t['on-accent']!, t['accent']!) >= 4.5);
    for (const f of families) assert.ok(contrast(t['on-f']!, t[f]!) >= 4.5, `text on a bar of ${f}`);
  });

  test(`${name}: fills and edges on surface and ground`, () => {
    for (const fill of [...families.map((f) => `${f}-f`), 'edge'])
      for (const ground of ['bg', 'surface']) assert.ok(contrast(t[fill]!, t[ground]!) >= 3, `${fill} on ${ground}: ${contrast(t[fill]!, t[ground]!).toFixed(2)}`);
  });

  test(`${name}: any two fills differ, for every sight`, () => {
    for (const [sight, matrix] of Object.entries(sights))
      for (let i = 0; i < families.length; i++)
        for (let k = i + 1; k < families.length; k++) {
          const d = deltaE(lab(t[`${families[i]}-f`]!, matrix), lab(t[`${families[k]}-f`]!, matrix));
          assert.ok(d >= 13, `${families[i]} and ${families[k]}, ${sight}: ${d.toFixed(1)}`);
        }
  });
}
