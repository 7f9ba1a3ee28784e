import type { AwsHome } from '../aws-home.ts';
import { balanceRights, type GivenRight, type RightsReport } from './rights-ledger.ts';
import { WRITTEN_REASONS } from './written-reasons.ts';

/** Holds every statement of every role, and of the policy of devices, against what passed the gate and the broker. */
export function reportRights({ callers, deployment, devicePolicy }: AwsHome): RightsReport {
  const ownerOf = (roleArn: string): string => {
    const owner = deployment.functions.find((one) => one.roleArn === roleArn);
    if (owner !== undefined) return `${owner.service}/${owner.key}`;
    const { service, logicalId } = deployment.roles.find(({ arn }) => arn === roleArn) ?? {};
    return `${service}/${logicalId}`;
  };
  const used = [
    ...callers.all.flatMap(({ arn, used: grants }) =>
      grants.map(({ grant }) => ({ owner: ownerOf(arn), right: `${grant.action} on ${grant.resource}` })),
    ),
    ...devicePolicy.used.map((right) => ({ owner: 'device', right })),
  ];
  const unused = [
    ...callers.all.flatMap(({ arn, unused: grants }) =>
      grants.map(({ action, resource }) => ({ owner: ownerOf(arn), right: `${action} on ${resource}` })),
    ),
    ...devicePolicy.unused.map((right) => ({ owner: 'device', right })),
  ];
  return balanceRights(used, unused, WRITTEN_REASONS);
}

/** The report as people read it: what no request needed, by reason, and rights without one each by itself. */
export function textOf({ used, unused, unexplained }: RightsReport): string {
  const byReason = Map.groupBy(unused, ({ reason }) => reason);
  const explained = [...byReason].flatMap(([reason, rights]) => {
    if (reason === undefined) return [];
    const actions = [...new Set(rights.map(({ right }) => right.split(' ')[0]))];
    return [`  ${reason}`, `    ${rights.length} of ${ownersOf(rights)}: ${actions.join(', ')}`];
  });
  return [
    `rights that requests needed: ${used.length}, and did not: ${unused.length}`,
    ...explained,
    ...unexplained.map((right) => `  NO REASON ${right}`),
  ].join('\n');
}

function ownersOf(rights: readonly GivenRight[]): string {
  const [first, ...others] = new Set(rights.map(({ owner }) => owner));
  return others.length === 0 ? String(first) : `${others.length + 1} owners`;
}
