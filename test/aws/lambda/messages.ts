import type { Network } from './network.ts';

/** What a function's process is started with, as its only argument. */
export interface Start {
  readonly bundleFile: string;
  readonly network: Network;
}

/** An invocation, as it is handed to the function's process. */
export interface Invocation {
  readonly event: unknown;
  readonly awsRequestId: string;
  readonly functionName: string;
  readonly functionArn: string;
  readonly memoryMegabytes: number;
  /** Milliseconds since 1970. */
  readonly deadlineMs: number;
}

/** What becomes of an invocation, as Lambda's runtime interface has it. */
export type Outcome =
  | { readonly outcome: 'returned'; readonly result?: unknown }
  | {
      readonly outcome: 'threw';
      readonly errorType: string;
      readonly errorMessage: string;
      readonly trace: string;
    };
