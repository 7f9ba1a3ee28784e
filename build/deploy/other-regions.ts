import { ListBucketsCommand } from '@aws-sdk/client-s3';
import { DeployError } from './deploy-error.ts';
import type { Deployment } from './deployment.ts';

/**
 * The other Regions in which this account has the stage, by the names of its buckets, which end in account and Region. None
 * where these credentials may not list buckets.
 */
export async function otherRegionsOf({ aws, stage, place }: Deployment): Promise<string[]> {
  const { accountId, region } = place;
  const pattern = new RegExp(`^evenkeel-${stage}-[a-z]+-${accountId}-([a-z]{2}(?:-[a-z]+)+-\\d)$`);
  try {
    const { Buckets = [] } = await aws.s3.send(new ListBucketsCommand({ Prefix: `evenkeel-${stage}-` }));
    const regions = new Set(Buckets.flatMap(({ Name = '' }) => pattern.exec(Name)?.[1] ?? []));
    regions.delete(region);
    return [...regions].sort();
  } catch (error) {
    if (error instanceof Error && error.name === 'AccessDenied') return [];
    throw error;
  }
}

/** Throws `DeployError` where a stage that is new in this Region is in another one: most often a variable names the wrong one. */
export async function refuseSecondRegion(deployment: Deployment): Promise<void> {
  const others = await otherRegionsOf(deployment);
  if (others.length === 0) return;
  const { stage, place } = deployment;
  throw new DeployError(
    `the stage ${stage} is in ${others.join(' and ')}, and not in ${place.region}`,
    `Say --region ${others[0]}, or --second-region to have it in ${place.region} as well (docs/operations.md).`,
  );
}
