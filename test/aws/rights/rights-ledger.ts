import type { WrittenReason } from './written-reasons.ts';

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

/** Holds rights against reasons: each right is used or has a reason, and each reason is that of an unused right alone. */
export function balanceRights(
  used: readonly GivenRight[],
  unused: readonly GivenRight[],
  reasons: readonly WrittenReason[],
): RightsReport {
  const explained = unused.map((one) => ({
    ...one,
    reason: reasons.find((written) => speaksOf(written, one))?.reason,
  }));
  return {
    used,
    unused: explained,
    unexplained: explained
      .filter(({ reason }) => reason === undefined)
      .map(({ owner, right }) => `${owner}: ${right}`),
    idleReasons: reasons.flatMap((written) => {
      const needless = used.filter((one) => speaksOf(written, one));
      if (written.mayBeUsed && needless.length > 0) return [];
      if (needless.length > 0)
        return needless.map(({ owner, right }) => `is used: ${owner}: ${right} (${written.reason})`);
      return unused.some((one) => speaksOf(written, one)) ? [] : [`is given by nothing: ${written.reason}`];
    }),
  };
}

const speaksOf = ({ owners, rights }: WrittenReason, { owner, right }: GivenRight): boolean =>
  new RegExp(`^(${owners})$`).test(owner) && new RegExp(`^(${rights})$`).test(right);
