import { paginateDescribeStacks } from '@aws-sdk/client-cloudformation';
import { DeployError } from './deploy-error.ts';
import type { Deployment } from './deployment.ts';
import { PLATFORM, stackNameOf } from './packaged-stacks.ts';
import { stateOf } from './stack-state.ts';

/**
 * Throws `DeployError` where another stage is in this Region: devices publish to IoT rules by name (`ek_check`), which are there
 * once. CloudFormation would find out when half of the new stage is made.
 */
export async function refuseSecondStage({ aws, stage, place }: Deployment): Promise<void> {
  const platforms = stackNameOf(PLATFORM, '');
  const others: string[] = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client: aws.cloudFormation }, {}))
    for (const { StackName = '', StackStatus } of Stacks)
      if (StackName.startsWith(platforms) && stateOf(StackStatus) !== 'absent')
        others.push(StackName.slice(platforms.length));
  const [other] = others.filter((one) => one !== stage);
  if (other === undefined) return;
  throw new DeployError(
    `${place.region} of account ${place.accountId} has the stage ${other}, and devices know one stage in a Region`,
    'Take another account, or another Region: a stage for trying things out is best in an account of its own.',
  );
}
