import type { Grant } from '#host/rights/function-rights.ts';

/** A request to AWS as it came over the wire. */
export interface AwsRequest {
  /** The name that it was sent to. */
  readonly host: string;
  readonly method: string;
  /** Percent-encoded, without the query. */
  readonly path: string;
  readonly query: URLSearchParams;
  /** What stands after `?`, as it came. */
  readonly rawQuery: string;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
}

/** An answer of AWS. */
export interface AwsAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** What a request needs: all of these actions, each on its resource. */
export interface NeededRight {
  readonly action: string;
  readonly arn: string;
}

/** A service of AWS behind the gate. */
export interface AwsService {
  /** Name of the operation, for the report (`dynamodb:TransactWriteItems`). */
  operationOf(request: AwsRequest): string;
  rightsOf(request: AwsRequest): readonly NeededRight[];
  /** Answers a request that may be made. */
  answer(request: AwsRequest, caller: CallerView): Promise<AwsAnswer>;
  /** An error in the format of the service. */
  error(status: number, code: string, message: string): AwsAnswer;
}

/** What a service may ask of its caller beyond the rights that every request needs. */
export interface CallerView {
  /** Whether it has that right, which then counts as used by that operation. */
  may(right: NeededRight, operation: string): boolean;
}

/** A right of a caller and the operations that needed it. */
export interface UsedGrant {
  readonly grant: Grant;
  readonly operations: ReadonlySet<string>;
}
