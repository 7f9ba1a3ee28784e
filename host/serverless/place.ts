/** Where a stack is deployed, as far as names and ARNs depend on it. */
export interface Place {
  readonly stage: string;
  readonly region: string;
  readonly accountId: string;
  readonly partition: string;
}

/** The one machine: a region and an account of its own, so that no ARN of it can be one of AWS. */
export function placeOfHome(stage: string): Place {
  return { stage, region: 'local', accountId: '000000000000', partition: 'aws' };
}

/** An ARN in that place; `service` is its third part (`sqs`), `resource` all that follows the account. */
export function arnOf(place: Place, service: string, resource: string): string {
  return `arn:${place.partition}:${service}:${place.region}:${place.accountId}:${resource}`;
}

/** The URL of a queue, as SQS makes it of region, account and name. */
export function queueUrlOf(place: Place, queueName: string): string {
  return `https://sqs.${place.region}.amazonaws.com/${place.accountId}/${queueName}`;
}
