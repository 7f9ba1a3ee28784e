import type { AwsRequest, AwsService } from './aws-request.ts';
import { forward } from './forward.ts';
import { jsonAnswer, jsonError, jsonOf, targetOf } from './json-service.ts';

interface StreamRequest {
  readonly StreamArn?: string;
  readonly ShardIterator?: string;
}

interface StreamAnswer {
  readonly ShardIterator?: string;
  readonly NextShardIterator?: string;
}

/**
 * DynamoDB Streams: the oracle that has the tables. It names streams in its own way: `oracleArnOf` finds its name for the ARN
 * that the template gives.
 */
export function dynamoDbStreams(
  endpoint: string,
  oracleArnOf: (streamArn: string) => string | undefined,
): AwsService {
  const streamOf = new Map<string, string>();
  const arnIn = (request: AwsRequest): string => {
    const { StreamArn, ShardIterator = '' } = jsonOf<StreamRequest>(request);
    return StreamArn ?? streamOf.get(ShardIterator) ?? 'none';
  };
  return {
    operationOf: (request) => `dynamodb:${targetOf(request)}`,
    rightsOf: (request) => [{ action: `dynamodb:${targetOf(request)}`, arn: arnIn(request) }],
    async answer(request) {
      const arn = arnIn(request);
      const oracleArn = oracleArnOf(arn);
      if (oracleArn === undefined) return jsonError(400, 'ResourceNotFoundException', `there is no ${arn}`);
      const { StreamArn: _arn, ...asked } = jsonOf<StreamRequest>(request);
      const named = asked.ShardIterator === undefined ? { ...asked, StreamArn: oracleArn } : asked;
      const answer = await forward(endpoint, { ...request, body: Buffer.from(JSON.stringify(named)) });
      const text = answer.body.toString().replaceAll(oracleArn, arn);
      if (answer.status !== 200) return { ...answer, headers: {}, body: text };
      const body = JSON.parse(text) as StreamAnswer;
      for (const iterator of [body.ShardIterator, body.NextShardIterator]) {
        if (iterator !== undefined) streamOf.set(iterator, arn);
      }
      return jsonAnswer(body);
    },
    error: jsonError,
  };
}
