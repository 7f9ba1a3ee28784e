import type { AwsHome } from '../aws-home.ts';
import { WRITTEN_REASONS, type WrittenReason } from './written-reasons.ts';

/** A right that a template gives, as the smallest thing that could be taken away. */
export interface GivenRight {
  /** Function or role, as its service and key name it; `device` for the policy of devices. */
  readonly owner: string;
  /** `<action> on <ARN or resource>`. */
  readonly right: string;
}

/** What the requests of a test have needed of what the templates give. */
export interface RightsReport {
  readonly used: readonly GivenRight[];
  readonly unused: readonly (GivenRight & { readonly reason: string | undefined })[];
  /** Rights that no request needed and for which nobody wrote down why they are given. */
  readonly unexplained: readonly string[];
  /** Reasons that are none any more: their right is used after all, or gone. */
  readonly idleReasons: readonly string[];
}

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
  ].map((one) => ({
    ...one,
    reason: WRITTEN_REASONS.find((written) => speaksOf(written, one))?.reason,
  }));
  return {
    used,
    unused,
    unexplained: unused
      .filter(({ reason }) => reason === undefined)
      .map(({ owner, right }) => `${owner}: ${right}`),
    idleReasons: WRITTEN_REASONS.flatMap((written) => {
      if (written.byChance) return [];
      const needless = used.filter((one) => speaksOf(written, one));
      if (needless.length > 0)
        return needless.map(({ owner, right }) => `is used: ${owner}: ${right} (${written.reason})`);
      return unused.some((one) => speaksOf(written, one)) ? [] : [`is given by nothing: ${written.reason}`];
    }),
  };
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

const speaksOf = ({ owners, rights }: WrittenReason, { owner, right }: GivenRight): boolean =>
  new RegExp(`^(${owners})$`).test(owner) && new RegExp(`^(${rights})$`).test(right);
