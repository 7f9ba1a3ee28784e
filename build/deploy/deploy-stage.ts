import { DescribeEndpointCommand } from '@aws-sdk/client-iot';
import { DeployError } from './deploy-error.ts';
import { inDeployOrder } from './deploy-order.ts';
import { deployStack } from './deploy-stack.ts';
import type { Deployment } from './deployment.ts';
import { downloadKeysIn, ensureDownloadKeys } from './download-key.ts';
import { type Administrator, inviteAdministrator } from './first-administrator.ts';
import { refuseSecondRegion } from './other-regions.ts';
import { refuseSecondStage } from './other-stages.ts';
import { PLATFORM, readPackagedStacks, stackNameOf } from './packaged-stacks.ts';
import { stateOf } from './stack-state.ts';
import { describeStack, templateOf } from './stack-status.ts';
import type { StackTemplate } from './stack-template.ts';

/** What a deployment is told besides where it goes. */
export interface StageOptions {
  /** Folder that `npm run package` wrote to. */
  readonly packaged: string;
  /** An OIDC provider instead of the stack's user pool; what was said before holds where nothing is said. */
  readonly issuer?: string;
  readonly audience?: string;
  readonly administrator?: Administrator;
  /** The stage may be in another Region as well. */
  readonly secondRegion?: boolean;
}

/** Where a deployed stage is: outputs of its platform stack. */
export type Endpoints = Readonly<Record<string, string>>;

/**
 * Deploys all stacks of a stage in the order of their imports. Every step finds out what is there already, so that a second run
 * goes on where the first one ended. Throws `DeployError`.
 */
export async function deployStage(deployment: Deployment, options: StageOptions): Promise<Endpoints> {
  const { aws, progress, stage } = deployment;
  const platform = stackNameOf(PLATFORM, stage);
  const state = stateOf((await describeStack(aws, platform))?.StackStatus);
  if (state === 'absent') {
    if (options.secondRegion !== true) await refuseSecondRegion(deployment);
    await refuseSecondStage(deployment);
  }
  const { endpointAddress = '' } = await aws.iot.send(
    new DescribeEndpointCommand({ endpointType: 'iot:Data-ATS' }),
  );
  const stacks = readPackagedStacks(options.packaged, stage, {
    DeviceEndpoint: endpointAddress,
    ...(options.issuer !== undefined && { Issuer: options.issuer }),
    ...(options.audience !== undefined && { Audience: options.audience }),
  });
  const keysOf = (template: StackTemplate | undefined) =>
    template === undefined ? [] : downloadKeysIn(template, stage);
  const hasKeys = state !== 'absent' && state !== 'never-came-up';
  const made = await ensureDownloadKeys(
    aws,
    keysOf(stacks.find(({ name }) => name === platform)?.template),
    keysOf(hasKeys ? await templateOf(aws, platform) : undefined),
  );
  progress.line(
    made === 'made'
      ? 'made the key pair of download addresses'
      : 'the key pair of download addresses is there',
  );
  let endpoints: Endpoints = {};
  for (const stack of inDeployOrder(stacks)) {
    const outputs = await deployStack(deployment, stack);
    if (stack.name === platform) endpoints = outputs;
  }
  if (options.administrator !== undefined) await invite(deployment, endpoints, options.administrator);
  return endpoints;
}

async function invite(
  { aws, progress }: Deployment,
  { UserPoolId }: Endpoints,
  who: Administrator,
): Promise<void> {
  if (UserPoolId === undefined)
    throw new DeployError(
      '--admin needs the user pool of the stack: people of your own provider are made there',
    );
  const invited = await inviteAdministrator(aws, UserPoolId, who);
  progress.line(
    invited === 'invited'
      ? `invited ${who.email} as administrator of ${who.tenant}: the password of the first login is in the mail`
      : `${who.email} is a user already and is left as they are`,
  );
}
