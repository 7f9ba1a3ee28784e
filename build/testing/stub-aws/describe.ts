import type { StubStack } from './account.ts';
import { escaped, tag } from './xml.ts';

/** What is told of a change set. */
export interface DescribedChangeSet {
  readonly id: string;
  /** Why it cannot be carried out; absent where it can. */
  readonly fault?: string;
  /** How many resources it adds. */
  readonly changes: number;
}

/** A stack as `DescribeStacks` tells of it. */
export function stackXml(stack: StubStack): string {
  const outputs = Object.entries(stack.outputs).map(([key, value]) =>
    tag('member', tag('OutputKey', key) + tag('OutputValue', value)),
  );
  const parameters = Object.entries(stack.parameters).map(([key, value]) =>
    tag('member', tag('ParameterKey', key) + tag('ParameterValue', value)),
  );
  return tag(
    'member',
    tag('StackId', stack.id) +
      tag('StackName', stack.name) +
      tag('StackStatus', stack.status) +
      tag('CreationTime', '2026-01-01T00:00:00Z') +
      tag('Outputs', outputs.join('')) +
      tag('Parameters', parameters.join('')),
  );
}

/** What `ListStackResources` tells. */
export function resourcesXml({ resources, template }: StubStack): string {
  const members = [...resources].map(([logicalId, physicalId]) =>
    tag(
      'member',
      tag('LogicalResourceId', logicalId) +
        tag('PhysicalResourceId', escaped(physicalId)) +
        tag('ResourceType', template.Resources[logicalId]?.Type ?? '') +
        tag('ResourceStatus', 'CREATE_COMPLETE'),
    ),
  );
  return tag('StackResourceSummaries', members.join(''));
}

/** What `DescribeChangeSet` tells; `fault`: why it has failed. */
export function changeSetXml({ id, fault, changes }: DescribedChangeSet): string {
  const members = Array.from({ length: changes }, () => tag('member', tag('Type', 'Resource'))).join('');
  return (
    tag('ChangeSetId', id) +
    tag('Status', fault === undefined ? 'CREATE_COMPLETE' : 'FAILED') +
    (fault === undefined ? '' : tag('StatusReason', escaped(fault))) +
    tag('Changes', members)
  );
}

/** What `DescribeStackEvents` tells, newest first. */
export function eventsXml(stack: StubStack): string {
  return tag('StackEvents', stack.events.toReversed().map(eventXml(stack)).join(''));
}

function eventXml(stack: StubStack) {
  return (event: StubStack['events'][number]): string =>
    tag(
      'member',
      tag('StackId', stack.id) +
        tag('StackName', stack.name) +
        tag('EventId', `${event.logicalId}-${event.atMs}`) +
        tag('LogicalResourceId', event.logicalId) +
        tag('PhysicalResourceId', escaped(event.physicalId)) +
        tag('ResourceType', event.type) +
        tag('ResourceStatus', event.status) +
        (event.reason === undefined ? '' : tag('ResourceStatusReason', escaped(event.reason))) +
        tag('ClientRequestToken', event.token) +
        tag('Timestamp', new Date(event.atMs).toISOString()),
    );
}
