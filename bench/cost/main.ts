import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { withMadePart } from '../document/made-part.ts';
import { type CostFigures, measureCost } from './cost-figures.ts';
import { costTables } from './cost-tables.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const STEPS_FILE = path.join(ROOT, 'shared/metering/measured-steps.ts');
const PAGE_FILE = path.join(ROOT, 'docs/cost.md');
const BEGIN = '<!-- made by `npm run cost` -->';
const FLEET = { devices: 4_000, wave: 100, idleChecks: 1 };
/** As many in a second as the pace of a document that says none lets through: 1,000 a minute. */
const PACED = { devices: 1_700, wave: 17, idleChecks: 1 };

/** `npm run cost`: measures one update in each way, and writes what it takes into the code (for AWS) and into docs/cost.md. */
const progress = (text: string) => void process.stderr.write(`cost: ${text}\n`);
const asked = await measureCost({ ...FLEET, way: 'asked', progress });
const direct = await measureCost({ ...FLEET, way: 'direct', progress });
const paced = [
  await measureCost({ ...PACED, way: 'asked', progress }),
  await measureCost({ ...PACED, way: 'direct', progress }),
];
const tables = costTables(asked, direct, paced);
writeFileSync(STEPS_FILE, stepsFile(asked, direct));
writeFileSync(PAGE_FILE, withMadePart(readFileSync(PAGE_FILE, 'utf8'), BEGIN, tables));
execFileSync(process.execPath, [
  path.join(ROOT, 'node_modules/@biomejs/biome/bin/biome'),
  'format',
  '--write',
  STEPS_FILE,
]);
process.stdout.write(tables);

function stepsFile(asked: CostFigures, direct: CostFigures): string {
  const { perIdleCheck } = asked;
  const perDevice = { asked: asked.perDevice, direct: direct.perDevice };
  const measured = JSON.stringify({ perDevice, perIdleCheck }, undefined, 2);
  return `// biome-ignore-all lint/suspicious/noApproximativeNumericConstant: measured, whatever it comes near to
import type { Usage } from './billed-unit.ts';
import type { UpdateWay } from './steps.ts';

/** Units of each step of an update per device, in each way, and of an idle check; written by \`npm run cost\`. */
export const MEASURED: {
  readonly perDevice: Readonly<Record<UpdateWay, Readonly<Record<string, Usage>>>>;
  readonly perIdleCheck: Usage;
} = ${measured};
`;
}
