import type { Bus } from '#shared/capabilities/bus.ts';
import type { AwsService } from '../gate/aws-request.ts';
import { jsonAnswer, jsonError, jsonOf, targetOf } from '../gate/json-service.ts';
import { PLACE } from '../stacks/place.ts';

interface PutEvents {
  readonly Entries: readonly {
    readonly EventBusName: string;
    readonly Source: string;
    readonly DetailType: string;
    readonly Detail: string;
  }[];
}

/** EventBridge, PutEvents alone (a stub: no server of it can be had): what is accepted goes to `busOf(name)`. */
export function eventBridge(busOf: (name: string) => Bus | undefined, nextId: () => string): AwsService {
  const nameOf = (nameOrArn: string) => nameOrArn.split('/').at(-1) ?? '';
  return {
    operationOf: (request) => `events:${targetOf(request)}`,
    rightsOf: (request) =>
      jsonOf<PutEvents>(request).Entries.map(({ EventBusName }) => ({
        action: `events:${targetOf(request)}`,
        arn: `arn:${PLACE.partition}:events:${PLACE.region}:${PLACE.accountId}:event-bus/${nameOf(EventBusName)}`,
      })),
    async answer(request) {
      const { Entries } = jsonOf<PutEvents>(request);
      const answers = [];
      for (const { EventBusName, Source, DetailType, Detail } of Entries) {
        const bus = busOf(nameOf(EventBusName));
        if (bus === undefined) {
          answers.push({
            ErrorCode: 'ResourceNotFoundException',
            ErrorMessage: `there is no ${EventBusName}`,
          });
          continue;
        }
        const id = nextId();
        await bus.publish([{ id, source: Source, type: DetailType, detail: JSON.parse(Detail) }]);
        answers.push({ EventId: id });
      }
      const FailedEntryCount = answers.filter((one) => 'ErrorCode' in one).length;
      return jsonAnswer({ FailedEntryCount, Entries: answers });
    },
    error: jsonError,
  };
}
