import { DeleteStackCommand } from '@aws-sdk/client-cloudformation';
import { failureOf } from './change-set.ts';
import type { Deployment } from './deployment.ts';
import { emptyBucket } from './empty-bucket.ts';
import { followStack } from './follow-stack.ts';
import { describeStack, resourcesOf } from './stack-status.ts';

/** Removes a stack with everything that is not kept. Answers `absent` for one that is not there; throws `DeployError`. */
export async function removeStack(deployment: Deployment, name: string): Promise<'removed' | 'absent'> {
  const { aws, world } = deployment;
  const stack = await describeStack(aws, name);
  if (stack?.StackId === undefined) return 'absent';
  const resources = await resourcesOf(aws, name);
  // CloudFormation removes no bucket that holds something; this one holds only what was uploaded to deploy.
  const bucket = resources.get('ServerlessDeploymentBucket');
  if (bucket !== undefined) await emptyBucket(aws.s3, bucket);
  const sinceMs = world.now();
  const token = `evenkeel-remove-${sinceMs}`;
  await aws.cloudFormation.send(new DeleteStackCommand({ StackName: name, ClientRequestToken: token }));
  const outcome = await followStack(
    deployment,
    { name, id: stack.StackId },
    { token, sinceMs, expected: resources.size, verb: 'removing' },
  );
  if (outcome.status !== 'DELETE_COMPLETE') throw failureOf(name, outcome);
  return 'removed';
}
