import type { AwsService } from '../gate/aws-request.ts';
import { jsonAnswer, jsonError, jsonOf, targetOf } from '../gate/json-service.ts';
import { PLACE } from '../stacks/place.ts';

/** The parameter store, GetParameter alone (a stub: no server of it can be had), over the values by name. */
export function parameterStore(values: ReadonlyMap<string, string>): AwsService {
  const nameIn = (request: Parameters<AwsService['answer']>[0]) =>
    jsonOf<{ readonly Name: string }>(request).Name;
  return {
    operationOf: (request) => `ssm:${targetOf(request)}`,
    rightsOf: (request) => [
      {
        action: `ssm:${targetOf(request)}`,
        arn: `arn:${PLACE.partition}:ssm:${PLACE.region}:${PLACE.accountId}:parameter${nameIn(request)}`,
      },
    ],
    async answer(request) {
      const Name = nameIn(request);
      const Value = values.get(Name);
      if (Value === undefined) return jsonError(400, 'ParameterNotFound', `there is no ${Name}`);
      return jsonAnswer({ Parameter: { Name, Type: 'SecureString', Value, Version: 1 } });
    },
    error: jsonError,
  };
}
