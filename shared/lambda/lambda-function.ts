import { Logger } from '@aws-lambda-powertools/logger';
import { injectLambdaContext } from '@aws-lambda-powertools/logger/middleware';
import { Metrics, MetricUnit } from '@aws-lambda-powertools/metrics';
import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { startsOnLambda } from '#shared/aws/starts-on-lambda.ts';
import type { CountMetric, Home } from '#shared/capabilities/home.ts';
import { type Bound, bindAll, type Need } from '#shared/capabilities/needs.ts';
import { arrivalOf, type QueueFeed } from '#shared/metering/arrival.ts';
import type { Call } from './call.ts';

/** Needs of a function by the names that its steps use. */
export type Needs = Readonly<Record<string, Need<unknown>>>;

/** A function bound to a home: one instance, which serves one invocation at a time, as on Lambda. */
export type Instance<Event, Result> = (event: Event, context: Context) => Promise<Result>;

/** What Lambda calls, and what the function host binds to its own home with `on`. */
export interface LambdaFunction<Event, Result> {
  /** On AWS: bound to the AWS home when an instance has started, at the first call at the latest. */
  (event: Event, context: Context): Promise<Result>;
  /** A new instance on that home. */
  on(home: Home): Promise<Instance<Event, Result>>;
  /** What it waits for, for documents and tests: the kind of trigger and, where there is one, its contract. */
  readonly trigger: Trigger;
}

/** The kind of trigger, with the contract that crosses the border there. */
export interface Trigger<Event = never> {
  readonly kind:
    | 'device-message'
    | 'device-batch'
    | 'queue'
    | 'upload'
    | 'http'
    | 'event'
    | 'change'
    | 'schedule';
  readonly contract?: unknown;
  /** How messages get into the queue that it reads; by our own functions unless told. */
  readonly feed?: QueueFeed;
  /** What ties the log lines of one story together over functions; the request id where an event has nothing better. */
  readonly correlationIdOf?: (event: Event) => string | undefined;
}

/** Service name, read by the logger and as the metrics' only dimension. */
const SERVICE = 'SERVICE';

/**
 * One Middy chain around a function: logger context with correlation id, metrics flushed at the end, and `run`. What `run`
 * throws goes on to Lambda, so that retry and dead-letter act; the wrappers per trigger say what is caught.
 */
export function lambdaFunction<Event, Result, N extends Needs>(
  trigger: Trigger<Event>,
  needs: N,
  run: (event: Event, needs: Bound<N>, call: Call) => Promise<Result>,
): LambdaFunction<Event, Result> {
  const on = async (home: Home): Promise<Instance<Event, Result>> => {
    const bound = await bindAll(needs, home);
    const serviceName = home.setting(SERVICE);
    const loggerOfThis = await loggerOf(home, serviceName);
    // A home that counts by itself needs nothing flushed.
    const metrics = home.count ? undefined : new Metrics({ namespace: 'Evenkeel', serviceName });
    const count: CountMetric =
      home.count?.bind(home) ?? ((metric, value) => metrics?.addMetric(metric, MetricUnit.Count, value));
    // Middy types events as `unknown`; what arrives is what the trigger sends.
    const steps = (event: unknown, context: Context): Promise<Result> => {
      let isAboutThis = false;
      meter?.begin(arrivalOf(trigger.kind, event, trigger.feed));
      return run(event as Event, bound, {
        // Most invocations write no line: only one that does tells the logger which it is.
        get log() {
          const logger = loggerOfThis();
          if (isAboutThis) return logger;
          isAboutThis = true;
          if (home.writeLine) {
            logger.resetKeys();
            logger.addContext(context);
          }
          logger.setCorrelationId(trigger.correlationIdOf?.(event as Event) ?? context.awsRequestId);
          return logger;
        },
        count: (metric, value = 1) => count(metric, value),
        concerns: (step, rollout, times = 1) => meter?.concerns(step, rollout, times),
        remainingMs: () => context.getRemainingTimeInMillis(),
      });
    };
    const { meter } = home;
    const flush = () => {
      meter?.end();
      if (metrics?.hasStoredMetrics()) metrics.publishStoredMetrics();
    };
    const chain = middy({ timeoutEarlyInMillis: 0 });
    // At home the wrapper does the same for the invocations that write a line.
    if (!home.writeLine) chain.use(injectLambdaContext(loggerOfThis(), { resetKeys: true }));
    chain.use({ after: flush, onError: flush }).handler(steps);
    // Middy's own type for a chain has neither event nor result: both are those of `steps`.
    return chain as unknown as Instance<Event, Result>;
  };
  let onAws: Promise<Instance<Event, Result>> | undefined;
  const bindOnAws = (): Promise<Instance<Event, Result>> => {
    onAws ??= import('#shared/aws/aws-home.ts').then(({ awsHome }) => on(awsHome()));
    return onAws;
  };
  // Until it asks for its first event an instance has all of a processor, then what its memory buys (a seventh at 256 MB): what
  // the first call would wait for is done before. Why it cannot be done is told to each call.
  if (startsOnLambda()) setImmediate(() => bindOnAws().catch(() => undefined));
  const entry = async (event: Event, context: Context): Promise<Result> =>
    (await bindOnAws())(event, context);
  return Object.assign(entry, { on, trigger });
}

/** Loaded once for all instances of a process: to ask the module loader again costs a tenth of an instance's start. */
let lineLogger: Promise<typeof import('./line-logger.ts')> | undefined;

/** Gives the instance's logger, which at home is made for the first line: most instances write none. */
async function loggerOf({ writeLine }: Home, serviceName: string): Promise<() => Logger> {
  if (writeLine === undefined) {
    const logger = new Logger({ serviceName });
    return () => logger;
  }
  // Its class is made from Powertools' when its module runs: on AWS that waits until a logger is needed, and needs another.
  lineLogger ??= import('./line-logger.ts');
  const { LineLogger } = await lineLogger;
  let logger: Logger | undefined;
  return () => {
    logger ??= new LineLogger({ serviceName }, writeLine);
    return logger;
  };
}
