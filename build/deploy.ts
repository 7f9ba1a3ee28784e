import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { Tenant } from '#shared/contracts/names.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { openClients } from './deploy/aws-clients.ts';
import { checkedStage, readOptions, runCommand } from './deploy/command-line.ts';
import { DeployError } from './deploy/deploy-error.ts';
import { deployStage, type Endpoints, type StageOptions } from './deploy/deploy-stage.ts';
import { checkPackaged } from './deploy/packaged-before.ts';
import { progressOn } from './deploy/progress.ts';
import { whoAndWhere } from './deploy/who-and-where.ts';
import { ROOT } from './package-stacks.ts';

const HELP = `npm run deploy -- --stage STAGE [options]

Packages the platform stack and all services, checks them, and brings them to AWS. It can be run again at any time: it goes
on where it ended, brings back what "npm run remove" kept, and changes nothing that is so already.

  --stage STAGE          name of the installation: 1 to 15 of a-z, 0-9 and -
  --region REGION        where (default: as the AWS CLI, AWS_REGION or the profile's)
  --account ID           stop unless the credentials are of this account
  --admin EMAIL          invite this person as administrator, with --tenant
  --tenant NAME          tenant of the administrator
  --issuer URL           take tokens of an OIDC provider of your own instead of a Cognito user pool; "" goes back to the pool
  --audience ID          client id of the command line at that provider
  --packaged FOLDER      deploy what "npm run package -- --out FOLDER" wrote for this stage and Region, instead of packaging
  --canary on|off        off: new code gets all traffic at once, to mend what alarms already tell of (default: on)
  --second-region        the stage is in another Region, and shall be in this one as well
  --help

Credentials are found as the AWS CLI finds them. What they must allow, and what to do after that: docs/operations.md.
`;

await runCommand(async () => {
  const values = readOptions({
    stage: { type: 'string' },
    region: { type: 'string' },
    account: { type: 'string' },
    admin: { type: 'string' },
    tenant: { type: 'string' },
    issuer: { type: 'string' },
    audience: { type: 'string' },
    packaged: { type: 'string' },
    canary: { type: 'string' },
    'second-region': { type: 'boolean' },
    help: { type: 'boolean' },
  });
  if (values.help === true) return void process.stdout.write(HELP);
  const stage = checkedStage(values.stage);
  const told = stageOptionsOf(values);
  if (values.packaged !== undefined && values.canary !== undefined)
    throw new DeployError(
      '--canary is said when a stage is packaged',
      'Say it to npm run package, or leave --packaged out.',
    );
  const aws = openClients(values.region);
  const place = await whoAndWhere(aws);
  if (values.account !== undefined && values.account !== place.accountId)
    throw new DeployError(`the credentials are of account ${place.accountId}, and not of ${values.account}`);
  process.stderr.write(`stage ${stage} in ${place.region} of account ${place.accountId}, as ${place.arn}\n`);
  const packaged = packagedStage(stage, place.region, values);
  const progress = progressOn(process.stderr, realWorld.now);
  const endpoints = await deployStage(
    { stage, place, aws, world: realWorld, progress },
    { packaged, ...told },
  );
  process.stdout.write(summaryOf(stage, place.region, endpoints));
});

function stageOptionsOf(values: {
  readonly admin?: string | undefined;
  readonly tenant?: string | undefined;
  readonly issuer?: string | undefined;
  readonly audience?: string | undefined;
  readonly 'second-region'?: boolean | undefined;
}): Omit<StageOptions, 'packaged'> {
  const { admin, tenant, issuer, audience } = values;
  if ((admin === undefined) !== (tenant === undefined))
    throw new DeployError('--admin and --tenant go together');
  const refused = tenant === undefined ? undefined : Tenant.safeParse(tenant).error;
  if (refused !== undefined) throw new DeployError(`--tenant ${tenant} ${refused.issues[0]?.message}`);
  if (issuer !== undefined && issuer !== '') {
    if (audience === undefined || audience === '')
      throw new DeployError('--issuer needs --audience: the client id at that provider');
    if (!/^https:\/\/[^\s?#]+$/.test(issuer))
      throw new DeployError(`--issuer ${issuer} must begin with https://`);
  }
  return {
    ...(issuer !== undefined && { issuer }),
    ...(audience !== undefined && { audience }),
    ...(admin !== undefined && tenant !== undefined && { administrator: { email: admin, tenant } }),
    secondRegion: values['second-region'] ?? false,
  };
}

/** Folder of the packaged stage: packaged and checked now, or at another time. */
function packagedStage(
  stage: string,
  region: string,
  {
    packaged,
    canary = 'on',
  }: { readonly packaged?: string | undefined; readonly canary?: string | undefined },
): string {
  if (packaged !== undefined) {
    checkPackaged(path.resolve(packaged), { stage, region });
    return path.resolve(packaged);
  }
  const out = path.join(ROOT, '.package', `deploy-${stage}`);
  packageAll(['--stage', stage, '--region', region, '--canary', canary, '--out', out]);
  return out;
}

/** The very command that people run: its checks are those of a deployment. */
function packageAll(options: readonly string[]): void {
  process.stderr.write('packaging and checking, about a minute ...\n');
  const program = path.join(ROOT, 'build/package.ts');
  const { status, error } = spawnSync(process.execPath, [program, ...options], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (error !== undefined) throw error;
  if (status !== 0)
    throw new DeployError('packaging found faults: nothing was deployed', 'npm run package shows them all.');
}

function summaryOf(stage: string, region: string, endpoints: Endpoints): string {
  const { HttpApiEndpoint, Issuer, Audience, DeviceEndpoint, UserPoolId } = endpoints;
  return [
    `stage ${stage} in ${region}`,
    `  API        ${HttpApiEndpoint}`,
    `  issuer     ${Issuer}`,
    `  client id  ${Audience}`,
    ...(UserPoolId === undefined ? [] : [`  user pool  ${UserPoolId}`]),
    `  devices    ${DeviceEndpoint}`,
    `next: npx evenkeel login --stage ${stage} --region ${region}`,
    '',
  ].join('\n');
}
