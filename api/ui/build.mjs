// build.mjs - makes the page: node build.mjs OUT
//
// OUT/index.html, and OUT/assets/NAME-HASH.{js,css,svg}, and beside each what it is packed, NAME.gz: what the executable holds
// (cmake/embed_page.py embeds it) and a browser loads.
// Prints nothing when all is well; a bundle over its budget is an error.
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { minify } from 'terser';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2];

// Bytes as they are packed: what a browser loads.
const KIB = 1024;
const budget = { 'JS, all': 65 * KIB, 'JS, first screen': 40 * KIB, CSS: 12 * KIB, 'requests of the first screen': 6 };

if (!out) {
  console.error('usage: node build.mjs OUT');
  process.exit(64);
}
rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });

const { metafile } = await build({
  absWorkingDir: here,
  entryPoints: { page: 'src/main.tsx', style: 'src/css/page.css' },
  outdir: join(out, 'assets'),
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: ['chrome105', 'firefox110', 'safari16'],
  // createElement(tag, props, child, child) rather than jsx(tag, {…, children: []}): a twentieth less to load, the same to the type check.
  tsconfigRaw: { compilerOptions: { jsx: 'react', jsxFactory: 'createElement', jsxFragmentFactory: 'Fragment' } },
  inject: ['h.mjs'],
  entryNames: '[name]-[hash]',
  chunkNames: '[name]-[hash]',
  charset: 'utf8',
  legalComments: 'none',
  metafile: true,
  logLevel: 'warning',
});

const outputs = Object.entries(metafile.outputs).map(([path, info]) => ({
  name: path.slice(path.lastIndexOf('/') + 1),
  path: join(here, path),
  ...info,
}));
// Once more, by who folds what esbuild leaves (docs/decisions/0155): a thirtieth less to load.
for (const o of outputs.filter((o) => o.name.endsWith('.js'))) {
  const { code } = await minify(readFileSync(o.path, 'utf8'), { module: true, compress: { passes: 3 } });
  writeFileSync(o.path, code);
}
const entry = (source) => outputs.find((o) => o.entryPoint === source);
const page = entry('src/main.tsx');
const style = entry('src/css/page.css');
const ofPath = (path) => outputs.find((o) => o.path === join(here, path));

// What has to be there before the first screen is: the entry, which holds Now, and what it imports.
function closure(from, seen = new Set()) {
  if (seen.has(from)) return seen;
  seen.add(from);
  for (const i of from.imports.filter((i) => i.kind === 'import-statement')) closure(ofPath(i.path), seen);
  return seen;
}
const first = closure(page);

const hash = createHash('sha256').update(outputs.map((o) => o.name).sort().join('\n')).digest('hex').slice(0, 12);
const preload = [...first].filter((o) => o !== page)
  .map((o) => `<link rel="modulepreload" href="{{base}}/assets/${o.name}">`).join('\n');
const icon = readFileSync(join(here, 'icon.svg'));
const iconName = `icon-${createHash('sha256').update(icon).digest('hex').slice(0, 8).toUpperCase()}.svg`;
writeFileSync(join(out, 'assets', iconName), icon);
const html = readFileSync(join(here, 'index.html'), 'utf8')
  .replace('{{icons}}', readFileSync(join(here, 'icons.svg'), 'utf8').replace(/\n\s*/g, ''))
  .replaceAll('{{icon}}', `{{base}}/assets/${iconName}`)
  .replaceAll('{{style}}', `{{base}}/assets/${style.name}`)
  .replaceAll('{{script}}', `{{base}}/assets/${page.name}`)
  .replaceAll('{{page}}', hash)
  .replace('{{preload}}', preload);
writeFileSync(join(out, 'index.html'), html);

// By who finds what gzip -9 leaves (docs/decisions/0176): a thirtieth less to load. Not before here: it prints itself with the first error.
const { gzipAsync } = (await import('@gfx/zopfli')).default;
const packed = {};
for (const path of [join(out, 'index.html'), join(out, 'assets', iconName), ...outputs.map((o) => o.path)]) {
  const bytes = await gzipAsync(readFileSync(path), { numiterations: 15 });
  writeFileSync(`${path}.gz`, bytes);
  packed[path] = bytes.length;
}
const sum = (list) => list.reduce((n, o) => n + packed[o.path], 0);
const figures = {
  'JS, all': sum(outputs.filter((o) => o.name.endsWith('.js'))),
  'JS, first screen': sum([...first]),
  CSS: sum([style]),
  'requests of the first screen': 3 + first.size, // index.html, style, icon
};

writeFileSync(join(out, 'figures.json'), JSON.stringify({ hash, figures, budget }, null, 1) + '\n');

const over = Object.keys(budget).filter((what) => figures[what] > budget[what]);
for (const what of over) console.error(`page: ${what}: ${figures[what]} is over the budget of ${budget[what]}`);
if (over.length) process.exit(1);
