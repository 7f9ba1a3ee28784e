import path from 'node:path';
import { parseArgs } from 'node:util';
import { weigh } from './budget.ts';
import { packageStacks, ROOT } from './package-stacks.ts';
import { functionsIn } from './packaged-functions.ts';

/**
 * `npm run package -- --stage prod --region eu-central-1`: packages the platform stack and all services for AWS, offline and
 * without credentials, and prints what would be uploaded. Ends with 1 when packaging fails or warns, or a bundle is over its
 * budget.
 */
const { values } = parseArgs({
  options: {
    stage: { type: 'string', default: 'dev' },
    region: { type: 'string', default: 'eu-central-1' },
    out: { type: 'string' },
  },
});
const { stage, region } = values;
const out = path.resolve(values.out ?? path.join(ROOT, '.serverless', stage));

const startedMs = performance.now();
const packaged = await packageStacks({ stage, region, out });
const faults: string[] = [];
const rows: string[][] = [['service', 'function', 'triggers', 'KB']];
for (const { name, folder, complaints } of packaged) {
  faults.push(...complaints.map((complaint) => `${name}: ${complaint}`));
  if (complaints.length > 0) continue;
  for (const { key, triggers, bundle } of functionsIn(folder)) {
    const { kilobytes, budget } = weigh(bundle);
    rows.push([name, key, triggers.join(', '), kilobytes.toFixed(0)]);
    if (kilobytes > budget)
      faults.push(`${name}: the bundle of ${key} has ${kilobytes.toFixed(0)} KB, and may have ${budget}`);
  }
}

const widths = [0, 1, 2, 3].map((column) => Math.max(...rows.map((row) => (row[column] ?? '').length)));
for (const row of rows) {
  const cells = row.map((cell, at) =>
    at === 3 ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0),
  );
  process.stdout.write(`${cells.join('  ')}\n`);
}
const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
process.stdout.write(`${rows.length - 1} functions of ${packaged.length} stacks in ${seconds} s: ${out}\n`);
for (const fault of faults) process.stderr.write(`evenkeel: ${fault}\n`);
process.exitCode = faults.length > 0 ? 1 : 0;
