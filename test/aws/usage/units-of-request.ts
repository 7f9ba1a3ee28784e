import type { Usage } from '#shared/metering/billed-unit.ts';
import type { Passed } from '../gate/gate.ts';
import { jsonOf } from '../gate/json-service.ts';

const READS = ['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'];

interface Consumed {
  readonly CapacityUnits?: number;
}

interface TableAnswer {
  readonly ConsumedCapacity?: Consumed | readonly Consumed[];
  readonly __type?: string;
}

/** What AWS would bill of a request and its answer, as far as one can be seen by the other on the wire. */
export function unitsOfRequest({ operation, request, answer }: Passed): Usage {
  const [service, name] = operation.split(':');
  switch (service) {
    case 'dynamodb':
      return unitsOfTable({ operation, request, answer });
    case 'sqs':
      return { queueRequests: 1 };
    case 'events':
      return { busEvents: jsonOf<{ readonly Entries: readonly unknown[] }>(request).Entries.length };
    case 'iotdata':
      // A publish below 5 KB, and its delivery.
      return name === 'Publish' ? { iotMessages: 2 } : {};
    default:
      return {};
  }
}

function unitsOfTable({
  operation,
  request,
  answer,
}: Pick<Passed, 'operation' | 'request' | 'answer'>): Usage {
  const { ConsumedCapacity = [], __type = '' } = JSON.parse(answer.body.toString() || '{}') as TableAnswer;
  if (answer.status === 200) {
    const units = [ConsumedCapacity].flat().reduce((sum, { CapacityUnits = 0 }) => sum + CapacityUnits, 0);
    return READS.includes(operation) ? { tableReadUnits: units } : { tableWriteUnits: units };
  }
  // A condition that does not hold is billed and not told: one unit for 1 KB, twice that for each item of a transaction.
  if (__type.endsWith('ConditionalCheckFailedException')) return { tableWriteUnits: 1 };
  if (!__type.endsWith('TransactionCanceledException')) return {};
  const { TransactItems } = jsonOf<{ readonly TransactItems: readonly unknown[] }>(request);
  return { tableWriteUnits: 2 * TransactItems.length };
}
