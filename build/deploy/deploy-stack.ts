import type { Parameter, Stack } from '@aws-sdk/client-cloudformation';
import { type Artifacts, artifactOf, upload } from './artifacts.ts';
import { applyChange, type StackChange } from './change-set.ts';
import { DeployError } from './deploy-error.ts';
import type { Deployment } from './deployment.ts';
import { followStack } from './follow-stack.ts';
import { IDENTITIES, importablesIn, importTemplate } from './importable.ts';
import { existsInAws } from './kept-in-aws.ts';
import { removeStack } from './remove-stack.ts';
import { stateOf } from './stack-state.ts';
import { describeStack, outputsOf, resourcesOf, templateOf } from './stack-status.ts';
import type { StackTemplate } from './stack-template.ts';
import { keptOf, readKept, writeKept } from './written-down.ts';

/** A packaged stack on its way. */
export interface StackToDeploy extends Artifacts {
  /** As CloudFormation gets it: `rollout-orchestrator-prod`. */
  readonly name: string;
  /** The framework's own first template: the bucket that its functions' code is uploaded to. */
  readonly foundation: StackTemplate;
  /** What was said on the command line; what was not stays as it is. */
  readonly parameters: Readonly<Record<string, string>>;
}

/** CloudFormation takes larger templates from a bucket only. */
const MOST_INLINE_BYTES = 51_200;
const BUCKET_OUTPUT = 'ServerlessDeploymentBucketName';

/**
 * Brings one stack to its template, from whatever state it is in: a new one gets its bucket first; what is there without a
 * stack (kept by `remove`, or left by a creation that failed) is brought back under it; then the whole template follows.
 * Answers the stack's outputs. Throws `DeployError`.
 */
export async function deployStack(
  deployment: Deployment,
  stack: StackToDeploy,
): Promise<Readonly<Record<string, string>>> {
  const { aws, progress, stage } = deployment;
  const { name } = stack;
  const startedMs = deployment.world.now();
  let present = await untilReady(deployment, name);
  present = await bringBack(deployment, stack, present);
  if (outputsOf(present)[BUCKET_OUTPUT] === undefined) {
    const template = withFoundation(await currentOf(deployment, present), stack.foundation);
    await change(deployment, stack, present, { template });
    present = await describeStack(aws, name);
  }
  const bucket = outputsOf(present)[BUCKET_OUTPUT];
  if (bucket === undefined) throw new DeployError(`${name} has no bucket for its code`);
  await upload(deployment, { stackName: name, bucket, files: stack.files });
  const outcome = await change(deployment, stack, present, { template: stack.template, bucket });
  await writeKept(aws, stage, name, keptOf(stack.template, await resourcesOf(aws, name)));
  const seconds = Math.round((deployment.world.now() - startedMs) / 1000);
  progress.line(`${name}: ${outcome === 'unchanged' ? 'is so already' : 'deployed'} (${seconds} s)`);
  return outputsOf(await describeStack(aws, name));
}

/** The stack once it can be worked on; `undefined` for one that is to be made. */
async function untilReady(deployment: Deployment, name: string): Promise<Stack | undefined> {
  for (;;) {
    const stack = await describeStack(deployment.aws, name);
    const { StackStatus: status, StackId: id = '' } = stack ?? {};
    switch (stateOf(status)) {
      case 'absent':
        return undefined;
      case 'ready':
        return stack;
      case 'busy':
        deployment.progress.line(`${name}: is ${status}: waiting for that to end`);
        await followStack(deployment, { name, id }, { sinceMs: deployment.world.now(), verb: 'waiting' });
        break;
      case 'never-came-up':
        deployment.progress.line(
          `${name}: its first creation failed (${status}): starting over, data is kept`,
        );
        await removeStack(deployment, name);
        break;
      case 'half-removed':
        throw new DeployError(
          `${name} is ${status}`,
          `First end its removal: npm run remove -- --stage ${deployment.stage}`,
        );
      case 'stuck':
        throw new DeployError(
          `${name} is ${status}: CloudFormation could not go back by itself`,
          `See its events, remove the cause, then: aws cloudformation continue-update-rollback --stack-name ${name}`,
        );
    }
  }
}

/** Finds what the account has and the stack does not, and brings it under the stack. */
async function bringBack(
  deployment: Deployment,
  stack: StackToDeploy,
  present: Stack | undefined,
): Promise<Stack | undefined> {
  const { aws, place, progress, stage } = deployment;
  const recorded = Object.entries(await readKept(aws, stage, stack.name)).map(
    ([id, kept]) => [id, kept.id] as const,
  );
  const had = present === undefined ? new Map<string, string>() : await resourcesOf(aws, stack.name);
  const parameters = { ...parametersOf(present), ...stack.parameters };
  const candidates = importablesIn(
    stack.template,
    { ...place, parameters },
    Object.fromEntries(recorded),
  ).filter(({ logicalId }) => !had.has(logicalId));
  const looks = await Promise.all(candidates.map((candidate) => existsInAws(aws, candidate)));
  const found = candidates.filter((_candidate, at) => looks[at]);
  if (found.length === 0) return present;
  for (const { type, physicalId } of found) progress.line(`${stack.name}: brings back ${type} ${physicalId}`);
  const imports = found.map(({ logicalId, type, physicalId }) => ({
    ResourceType: type,
    LogicalResourceId: logicalId,
    ResourceIdentifier: { [IDENTITIES[type].identifier]: physicalId },
  }));
  const template = importTemplate(stack.template, await currentOf(deployment, present), found);
  await change(deployment, stack, present, { template, bucket: outputsOf(present)[BUCKET_OUTPUT], imports });
  return describeStack(aws, stack.name);
}

/** What a stack is to become, and the bucket of its code, where it has one by then. */
interface WantedChange extends Pick<StackChange, 'imports'> {
  readonly template: StackTemplate;
  readonly bucket?: string | undefined;
}

async function change(
  deployment: Deployment,
  { name: stackName, parameters: said }: StackToDeploy,
  present: Stack | undefined,
  { template, bucket, imports }: WantedChange,
): Promise<'changed' | 'unchanged'> {
  const text = JSON.stringify(template);
  const had = new Set(Object.keys(parametersOf(present)));
  // An import may change nothing besides.
  const given = imports === undefined ? said : {};
  const parameters = Object.keys(template.Parameters ?? {}).flatMap((ParameterKey): Parameter[] => {
    const value = given[ParameterKey];
    if (value !== undefined) return [{ ParameterKey, ParameterValue: value }];
    return had.has(ParameterKey) ? [{ ParameterKey, UsePreviousValue: true }] : [];
  });
  return applyChange(deployment, {
    stackName,
    type: imports !== undefined ? 'IMPORT' : present === undefined ? 'CREATE' : 'UPDATE',
    template: await placed(deployment, stackName, text, bucket),
    parameters,
    ...(imports !== undefined && { imports }),
  });
}

/** The template where CloudFormation can read it. */
async function placed(
  deployment: Deployment,
  stackName: string,
  text: string,
  bucket: string | undefined,
): Promise<StackChange['template']> {
  if (bucket === undefined || Buffer.byteLength(text) <= MOST_INLINE_BYTES) return { TemplateBody: text };
  const file = artifactOf(Buffer.from(text), 'templates', 'json');
  await upload(deployment, { stackName, bucket, files: [file] });
  const { region, partition } = deployment.place;
  const suffix = partition === 'aws-cn' ? 'amazonaws.com.cn' : 'amazonaws.com';
  return { TemplateURL: `https://${bucket}.s3.${region}.${suffix}/${file.key}` };
}

async function currentOf(
  { aws }: Deployment,
  present: Stack | undefined,
): Promise<StackTemplate | undefined> {
  return present?.StackId === undefined ? undefined : templateOf(aws, present.StackId);
}

function withFoundation(current: StackTemplate | undefined, foundation: StackTemplate): StackTemplate {
  if (current === undefined) return foundation;
  return {
    ...current,
    Resources: { ...current.Resources, ...foundation.Resources },
    Outputs: { ...current.Outputs, ...foundation.Outputs },
  };
}

function parametersOf(stack: Stack | undefined): Record<string, string> {
  return Object.fromEntries(
    (stack?.Parameters ?? []).map(({ ParameterKey = '', ParameterValue = '' }) => [
      ParameterKey,
      ParameterValue,
    ]),
  );
}
