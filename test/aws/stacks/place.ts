import type { Place } from '#host/serverless/place.ts';

/** The account that the stacks are deployed to: the one whose number fauxqs writes into its ARNs. */
export const PLACE: Place = {
  stage: 'test',
  region: 'eu-central-1',
  accountId: '000000000000',
  partition: 'aws',
};

/** Host name of a service's endpoint in that Region (`sqs` -> `sqs.eu-central-1.amazonaws.com`). */
export const hostOf = (service: string): string => `${service}.${PLACE.region}.amazonaws.com`;
