import { createInterface } from 'node:readline/promises';
import { realWorld } from '#shared/world/real-world.ts';
import { openClients } from './deploy/aws-clients.ts';
import { checkedStage, readOptions, runCommand } from './deploy/command-line.ts';
import { DeployError } from './deploy/deploy-error.ts';
import { inHearingOrder } from './deploy/deploy-order.ts';
import { PLATFORM, stackNameOf } from './deploy/packaged-stacks.ts';
import { progressOn } from './deploy/progress.ts';
import { removeStage } from './deploy/remove-stage.ts';
import { whoAndWhere } from './deploy/who-and-where.ts';
import { stacks } from './package-stacks.ts';

const HELP = `npm run remove -- --stage STAGE [options]

Removes the stacks of a stage from AWS. Tables, buckets, the user pool and the keys are kept: "npm run deploy" brings them back.

  --stage STAGE          name of the installation
  --region REGION        where (default: as the AWS CLI)
  --data                 remove the data too, for ever: asks for the stage's name
  --yes                  do not ask
  --help
`;

await runCommand(async () => {
  const values = readOptions({
    stage: { type: 'string' },
    region: { type: 'string' },
    data: { type: 'boolean' },
    yes: { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (values.help === true) return void process.stdout.write(HELP);
  const stage = checkedStage(values.stage);
  const data = values.data ?? false;
  const aws = openClients(values.region);
  const place = await whoAndWhere(aws);
  process.stderr.write(`stage ${stage} in ${place.region} of account ${place.accountId}, as ${place.arn}\n`);
  if (data && values.yes !== true) await confirm(stage);
  const progress = progressOn(process.stderr, realWorld.now);
  const services = stacks()
    .filter(({ name }) => name !== 'platform')
    .map(({ name }) => stackNameOf(name, stage));
  const { kept, left } = await removeStage(
    { stage, place, aws, world: realWorld, progress },
    { stackNames: [...inHearingOrder(services).reverse(), stackNameOf(PLATFORM, stage)], data },
  );
  if (left.length > 0)
    throw new DeployError(`could not be removed:${left.map((one) => `\n  ${one}`).join('')}`);
  process.stdout.write(data ? removedText(stage) : keptText(stage, kept));
});

async function confirm(stage: string): Promise<void> {
  if (process.stdin.isTTY !== true)
    throw new DeployError(
      '--data removes all firmware, devices and rollouts for ever',
      'Nobody is there to be asked: say --yes.',
    );
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const typed = await lines.question(
      `All firmware, devices, rollouts and users of "${stage}" go for ever. Type its name: `,
    );
    if (typed.trim() !== stage) throw new DeployError('that is not its name: nothing was removed');
  } finally {
    lines.close();
  }
}

function removedText(stage: string): string {
  return `the stage ${stage} and its data are removed; things and certificates of devices stay in AWS IoT\n`;
}

function keptText(stage: string, kept: readonly string[]): string {
  const lines = kept.map((one) => `  ${one}\n`).join('');
  return `the stage ${stage} is removed. Kept:\n${lines}back again: npm run deploy -- --stage ${stage}\n`;
}
