import {
  CreateChangeSetCommand,
  DeleteChangeSetCommand,
  DescribeChangeSetCommand,
  type DescribeChangeSetOutput,
  ExecuteChangeSetCommand,
  type Parameter,
  paginateDescribeChangeSet,
  type ResourceToImport,
} from '@aws-sdk/client-cloudformation';
import { pause } from '#shared/world/world.ts';
import { DeployError } from './deploy-error.ts';
import type { Deployment } from './deployment.ts';
import { followStack, type Outcome } from './follow-stack.ts';
import { succeeded } from './stack-state.ts';

/** A change of a stack. */
export interface StackChange {
  readonly stackName: string;
  readonly type: 'CREATE' | 'UPDATE' | 'IMPORT';
  /** The template itself (at most 51,200 bytes) or the address of an object with it (at most 1 MB). */
  readonly template: { readonly TemplateBody: string } | { readonly TemplateURL: string };
  readonly parameters: readonly Parameter[];
  /** What an import brings in. */
  readonly imports?: readonly ResourceToImport[];
}

const LOOK_EVERY_MS = 2_000;
const NOTHING_TO_DO = /didn't contain changes|No updates are to be performed/i;
const VERBS = { CREATE: 'creating', UPDATE: 'updating', IMPORT: 'bringing back' } as const;

/**
 * Makes a change set, executes it and waits for its end. `unchanged`: the stack is so already. Throws `DeployError` with
 * CloudFormation's reasons, resource by resource, where it refuses or the change fails.
 */
export async function applyChange(
  deployment: Deployment,
  change: StackChange,
): Promise<'changed' | 'unchanged'> {
  const { aws, stage, world } = deployment;
  const { stackName, type } = change;
  const sinceMs = world.now();
  const changeSetName = `evenkeel-${type.toLowerCase()}-${sinceMs}`;
  const { Id: changeSetId, StackId: stackId } = await refusalsExplained(stackName, () =>
    aws.cloudFormation.send(
      new CreateChangeSetCommand({
        StackName: stackName,
        ChangeSetName: changeSetName,
        ChangeSetType: type,
        ...change.template,
        Parameters: [...change.parameters],
        Capabilities: ['CAPABILITY_IAM', 'CAPABILITY_NAMED_IAM'],
        Tags: [{ Key: 'evenkeel:stage', Value: stage }],
        ...(change.imports !== undefined && { ResourcesToImport: [...change.imports] }),
      }),
    ),
  );
  if (changeSetId === undefined || stackId === undefined)
    throw new DeployError(`${stackName}: no change set was made`);
  const described = await untilMade(deployment, changeSetId, stackName);
  if (described.Status === 'FAILED') {
    await aws.cloudFormation.send(new DeleteChangeSetCommand({ ChangeSetName: changeSetId }));
    if (NOTHING_TO_DO.test(described.StatusReason ?? '')) return 'unchanged';
    throw new DeployError(
      `${stackName}: CloudFormation refuses the change: ${described.StatusReason ?? 'without a reason'}`,
    );
  }
  await aws.cloudFormation.send(
    new ExecuteChangeSetCommand({ ChangeSetName: changeSetId, ClientRequestToken: changeSetName }),
  );
  const outcome = await followStack(
    deployment,
    { name: stackName, id: stackId },
    {
      token: changeSetName,
      sinceMs,
      expected: await countChanges(deployment, changeSetId),
      verb: VERBS[type],
    },
  );
  if (!succeeded(outcome.status)) throw failureOf(stackName, outcome);
  return 'changed';
}

/** What went wrong with a stack, in CloudFormation's own words, one resource a line. */
export function failureOf(stackName: string, { status, failures }: Outcome): DeployError {
  const reasons = failures.map((failure) => `\n  ${failure}`).join('');
  return new DeployError(
    `${stackName} ended as ${status}${reasons === '' ? '' : `:${reasons}`}`,
    'Remove the cause and run the same command again: it goes on from here.',
  );
}

async function untilMade(
  { aws, world, progress }: Deployment,
  changeSetId: string,
  stackName: string,
): Promise<DescribeChangeSetOutput> {
  for (;;) {
    const described = await aws.cloudFormation.send(
      new DescribeChangeSetCommand({ ChangeSetName: changeSetId }),
    );
    if (described.Status === 'CREATE_COMPLETE' || described.Status === 'FAILED') return described;
    progress.now(`${stackName}: CloudFormation compares`);
    await pause(world, LOOK_EVERY_MS);
  }
}

async function countChanges({ aws }: Deployment, changeSetId: string): Promise<number> {
  let count = 0;
  for await (const page of paginateDescribeChangeSet(
    { client: aws.cloudFormation },
    { ChangeSetName: changeSetId },
  ))
    count += page.Changes?.length ?? 0;
  return count;
}

async function refusalsExplained<T>(stackName: string, send: () => Promise<T>): Promise<T> {
  try {
    return await send();
  } catch (error) {
    if (!(error instanceof Error) || error.name !== 'ValidationError') throw error;
    throw new DeployError(`${stackName}: CloudFormation refuses the template: ${error.message}`, undefined, {
      cause: error,
    });
  }
}
