import { paginateDescribeStackEvents, type Stack, type StackEvent } from '@aws-sdk/client-cloudformation';
import { pause } from '#shared/world/world.ts';
import type { Deployment } from './deployment.ts';
import { describeStack } from './stack-status.ts';

const LOOK_EVERY_MS = 3_000;
/** What failed because something else did. */
const IN_CONSEQUENCE = /cancelled|^The following resource\(s\) failed/i;

/** What an operation on a stack came to. */
export interface Outcome {
  readonly status: string;
  /** What failed first, and why: `RegistryTable (AWS::DynamoDB::Table): ...`; in the order in which it happened. */
  readonly failures: readonly string[];
}

/**
 * Waits until a stack rests, and tells how far it is. `token` is that of our own operation; without one the operation is
 * somebody else's. `expected`: how many resources it will touch.
 */
export async function followStack(
  deployment: Deployment,
  { name, id }: { readonly name: string; readonly id: string },
  operation: {
    readonly token?: string;
    readonly sinceMs: number;
    readonly expected?: number;
    readonly verb: string;
  },
): Promise<Outcome> {
  const { aws, world, progress } = deployment;
  for (;;) {
    const stack = await describeStack(aws, id);
    const events = await eventsOf(deployment, id, operation);
    // Just after an operation was asked for, the stack may still show how the one before it ended.
    const own = events.findLast(({ PhysicalResourceId }) => PhysicalResourceId === id)?.ResourceStatus;
    const status = operation.token === undefined ? stack?.StackStatus : own;
    if (status !== undefined && !status.endsWith('_IN_PROGRESS')) {
      return { status, failures: failuresIn(events, stack) };
    }
    const done = new Set(
      events
        .filter(({ ResourceStatus = '' }) => /_COMPLETE$/.test(ResourceStatus))
        .map(({ LogicalResourceId }) => LogicalResourceId),
    ).size;
    const all = operation.expected === undefined ? '' : ` of ${operation.expected}`;
    const back = status?.includes('ROLLBACK') ? ', going back' : '';
    progress.now(`${name}: ${operation.verb}, ${done}${all} resources${back}`);
    await pause(world, LOOK_EVERY_MS);
  }
}

/** Events of an operation, oldest first. */
async function eventsOf(
  { aws }: Deployment,
  stackId: string,
  { token, sinceMs }: { readonly token?: string; readonly sinceMs: number },
): Promise<StackEvent[]> {
  const events: StackEvent[] = [];
  const pages = paginateDescribeStackEvents({ client: aws.cloudFormation }, { StackName: stackId });
  for await (const { StackEvents = [] } of pages) {
    const ours = StackEvents.filter(({ ClientRequestToken, Timestamp }) =>
      token === undefined ? (Timestamp?.getTime() ?? 0) >= sinceMs : ClientRequestToken === token,
    );
    events.push(...ours);
    // Newest come first: a page with others' events is the end of ours.
    if (ours.length < StackEvents.length) break;
  }
  return events.reverse();
}

function failuresIn(events: readonly StackEvent[], stack: Stack | undefined): string[] {
  const failed = events.filter(
    ({ ResourceStatus = '', ResourceStatusReason = '', PhysicalResourceId, StackId }) =>
      ResourceStatus.endsWith('_FAILED') &&
      PhysicalResourceId !== StackId &&
      !IN_CONSEQUENCE.test(ResourceStatusReason),
  );
  const told = failed.map(
    ({ LogicalResourceId, ResourceType, ResourceStatusReason }) =>
      `${LogicalResourceId} (${ResourceType}): ${ResourceStatusReason ?? 'without a reason'}`,
  );
  const reason = stack?.StackStatusReason;
  return told.length > 0 || reason === undefined ? told : [reason];
}
