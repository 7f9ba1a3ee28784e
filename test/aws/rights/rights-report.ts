import type { AwsHome } from '../aws-home.ts';
import { REASONS } from './unused-with-reason.ts';

/** A right that a template gives and that no request of the tests needed. */
export interface UnusedRight {
  /** Function or role, as its service and key name it; `device` for the policy of devices. */
  readonly owner: string;
  /** `<action> on <ARN or resource>`. */
  readonly right: string;
  /** Why it is given all the same; absent: nobody wrote down why. */
  readonly reason: string | undefined;
}

/** What the tests have needed of what the templates give. */
export interface RightsReport {
  /** Rights that were needed, by owner, each with the operations that needed it. */
  readonly used: readonly string[];
  readonly unused: readonly UnusedRight[];
  /** Written reasons that are none any more: their right is used, or gone. */
  readonly idleReasons: readonly string[];
}

/** Holds every statement of every role, and of the policy of devices, against what passed the gate and the broker. */
export function reportRights({ callers, deployment, devicePolicy }: AwsHome): RightsReport {
  const ownerOf = (roleArn: string): string => {
    const owner = deployment.functions.find((one) => one.roleArn === roleArn);
    return owner === undefined ? (roleArn.split('/').at(-1) ?? roleArn) : `${owner.service}/${owner.key}`;
  };
  const used = callers.all.flatMap((caller) =>
    caller.used.map(
      ({ grant, operations }) =>
        `${ownerOf(caller.arn)}: ${grant.action} on ${grant.resource} <- ${[...operations].sort().join(', ')}`,
    ),
  );
  const spoken = new Set<string>();
  const reasonOf = (owner: string, right: string): string | undefined => {
    const found = REASONS.find(
      ({ owners, rights }) =>
        new RegExp(`^(${owners})$`).test(owner) && new RegExp(`^(${rights})$`).test(right),
    );
    if (found !== undefined) spoken.add(found.reason);
    return found?.reason;
  };
  const unusedOf = (owner: string, right: string): UnusedRight => ({
    owner,
    right,
    reason: reasonOf(owner, right),
  });
  const unused = [
    ...callers.all.flatMap((caller) =>
      caller.unused.map(({ action, resource }) => unusedOf(ownerOf(caller.arn), `${action} on ${resource}`)),
    ),
    ...devicePolicy.unused.map((right) => unusedOf('device', right)),
  ];
  return {
    used: [...used, ...devicePolicy.used.map((right) => `device: ${right}`)].sort(),
    unused,
    idleReasons: REASONS.map(({ reason }) => reason).filter((reason) => !spoken.has(reason)),
  };
}

/** The report as people read it: what nobody used, and why it is given. */
export function textOf({ used, unused }: RightsReport): string {
  const lines = unused.map(
    ({ owner, right, reason }) =>
      `  ${reason === undefined ? 'NO REASON' : 'reason   '}  ${owner}: ${right}${reason === undefined ? '' : `\n             ${reason}`}`,
  );
  return [`rights used: ${used.length}, not used: ${unused.length}`, ...lines].join('\n');
}
