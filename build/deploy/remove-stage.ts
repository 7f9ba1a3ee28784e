import { faultOf } from '#shared/errors/fault-of.ts';
import { DeployError } from './deploy-error.ts';
import type { Deployment } from './deployment.ts';
import { removeDownloadKey } from './download-key.ts';
import { followStack } from './follow-stack.ts';
import { eraseInAws } from './kept-in-aws.ts';
import { otherRegionsOf } from './other-regions.ts';
import { removeStack } from './remove-stack.ts';
import { stateOf } from './stack-state.ts';
import { describeStack, resourcesOf, templateOf } from './stack-status.ts';
import { asImportables, forgetKept, type Kept, keptOf, readKept, writeKept } from './written-down.ts';

/** What removing a stage came to. */
export interface Removal {
  /** What is kept, or was removed with `data`: physical ids. */
  readonly kept: readonly string[];
  /** What could not be removed, with the reason. */
  readonly left: readonly string[];
}

/**
 * Removes the stacks of a stage, in the order of `stackNames`. Tables, buckets, the user pool and the keys stay, unless `data`
 * is set: then they go last, when nothing is left that could write to them. Throws `DeployError`.
 */
export async function removeStage(
  deployment: Deployment,
  options: { readonly stackNames: readonly string[]; readonly data: boolean },
): Promise<Removal> {
  const { aws, progress, stage } = deployment;
  const kept = new Map<string, Kept>();
  let found = false;
  for (const name of options.stackNames) {
    await untilRests(deployment, name);
    const known = { ...(await readKept(aws, stage, name)), ...(await keptByStack(deployment, name)) };
    await writeKept(aws, stage, name, known);
    kept.set(name, known);
    const removed = await removeStack(deployment, name);
    progress.line(`${name}: ${removed === 'removed' ? 'removed' : 'is not there'}`);
    found ||= removed === 'removed' || Object.keys(known).length > 0;
  }
  if (!found) await explainNothing(deployment);
  const ids = [...kept.values()].flatMap((one) => Object.values(one).map(({ type, id }) => `${type} ${id}`));
  if (!options.data) return { kept: ids, left: [] };
  return { kept: ids, left: await eraseAll(deployment, kept) };
}

async function untilRests(deployment: Deployment, name: string): Promise<void> {
  const stack = await describeStack(deployment.aws, name);
  if (stack?.StackId === undefined || stateOf(stack.StackStatus) !== 'busy') return;
  deployment.progress.line(`${name}: is ${stack.StackStatus}: waiting for that to end`);
  await followStack(
    deployment,
    { name, id: stack.StackId },
    { sinceMs: deployment.world.now(), verb: 'waiting' },
  );
}

async function keptByStack({ aws }: Deployment, name: string): Promise<Kept> {
  const stack = await describeStack(aws, name);
  if (stack === undefined || stateOf(stack.StackStatus) === 'absent') return {};
  return keptOf(await templateOf(aws, name), await resourcesOf(aws, name));
}

async function eraseAll(deployment: Deployment, kept: ReadonlyMap<string, Kept>): Promise<string[]> {
  const { aws, progress, stage } = deployment;
  const left: string[] = [];
  for (const [name, known] of kept) {
    const before = left.length;
    for (const one of asImportables(known)) {
      progress.now(`removing ${one.type} ${one.physicalId}`);
      try {
        if (await eraseInAws(aws, one)) progress.line(`removed ${one.type} ${one.physicalId}`);
      } catch (error) {
        // The rest goes all the same; what stays is told, and kept in the list for the next run.
        left.push(`${one.type} ${one.physicalId}: ${faultOf(error).message}`);
      }
    }
    if (left.length === before) await forgetKept(aws, stage, name);
  }
  await removeDownloadKey(aws, stage);
  return left;
}

async function explainNothing(deployment: Deployment): Promise<never> {
  const { stage, place } = deployment;
  const others = await otherRegionsOf(deployment);
  throw new DeployError(
    `there is nothing of the stage ${stage} in ${place.region} of account ${place.accountId}`,
    others.length > 0 ? `It is in ${others.join(' and ')}: say --region ${others[0]}.` : undefined,
  );
}
