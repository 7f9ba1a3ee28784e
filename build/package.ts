import path from 'node:path';
import { acceptSizes } from './accept-sizes.ts';
import { isStage, readOptions, runCommand, STAGE_RULE } from './deploy/command-line.ts';
import { acceptKept } from './kept/committed.ts';
import { forgetReport, reportOnAll, writeReport } from './package-report.ts';
import { packageStacks, ROOT, stacks } from './package-stacks.ts';
import { printedReport } from './print-report.ts';

const HELP = `Packages the platform stack and all services for AWS, offline and without credentials, checks every template,
and prints what would be deployed.

  npm run package -- [--stage dev] [--region eu-central-1] [--out FOLDER] [--canary on|off] [--json]

  --stage    part of every name: 1 to 15 of a-z, 0-9 and -
  --region   where AWS would run it
  --out      folder for templates and bundles; .package/STAGE unless told
  --canary   off: new versions get all traffic at once and no alarm stops them, to mend what alarms already tell of
  --accept-sizes
             gives each bundle a new budget, a little above its size (build/bundle-budgets.json); commit it with the reason
  --accept-kept
             takes tables, queues, names and exports as they are now for what every later template must leave
             as it is (build/kept/committed.json); commit it with the reason
  --json     prints the report as JSON on standard output, for scripts

Ends with 1 when the framework complains, a bundle is over its budget, or a template has a finding.
`;
const REGION = /^[a-z]{2}(-[a-z]+)+-\d$/;

const OPTIONS = {
  stage: { type: 'string', default: 'dev' },
  region: { type: 'string', default: 'eu-central-1' },
  out: { type: 'string' },
  canary: { type: 'string', default: 'on' },
  'accept-sizes': { type: 'boolean', default: false },
  'accept-kept': { type: 'boolean', default: false },
  json: { type: 'boolean', default: false },
  help: { type: 'boolean', default: false },
} as const;

await runCommand(async () => {
  const values = readOptions(OPTIONS);
  if (values.help) process.stdout.write(HELP);
  else process.exitCode = await packageAll(values);
});

async function packageAll(values: ReturnType<typeof readOptions<typeof OPTIONS>>): Promise<number> {
  const { stage, region, canary, json } = values;
  const wrong = [
    ...(isStage(stage) ? [] : [`--stage ${STAGE_RULE}, but is ${stage}`]),
    ...(REGION.test(region)
      ? []
      : [`--region must be a Region of AWS such as eu-central-1, but is ${region}`]),
    ...(['on', 'off'].includes(canary) ? [] : [`--canary must be on or off, but is ${canary}`]),
  ];
  for (const fault of wrong) process.stderr.write(`evenkeel: ${fault}\n`);
  if (wrong.length > 0) return 2;

  const out = path.resolve(values.out ?? path.join(ROOT, '.package', stage));
  process.stderr.write(`evenkeel: packaging ${stacks().length} stacks for ${stage} in ${region} ...\n`);
  forgetReport(out);
  const packaged = await packageStacks({
    stage,
    region,
    out,
    canary: canary === 'on',
    onPackaged: ({ name, seconds, complaints }) =>
      process.stderr.write(
        `evenkeel: ${name} ${complaints.length > 0 ? 'failed' : 'is packaged'} after ${seconds.toFixed(1)} s\n`,
      ),
  });
  if (values['accept-sizes']) acceptSizes(packaged);
  if (values['accept-kept']) acceptKept(packaged, stage);
  const report = reportOnAll(packaged, { stage, region, out });
  const { stacks: reports, faults } = report;
  writeReport(report);
  process.stdout.write(json ? `${JSON.stringify(report, null, 2)}\n` : printedReport(reports));
  for (const fault of faults) process.stderr.write(`evenkeel: ${fault}\n`);
  process.stderr.write(
    `evenkeel: ${faults.length === 0 ? 'nothing was found' : `${faults.length} findings`}; ${out}\n`,
  );
  return faults.length > 0 ? 1 : 0;
}
