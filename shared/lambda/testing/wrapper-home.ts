import type { Context } from 'aws-lambda';
import type { DeviceLink } from '#shared/capabilities/device-link.ts';
import type { Home } from '#shared/capabilities/home.ts';
import type { LambdaFunction } from '../lambda-function.ts';

/** Functions around the wrappers, in a home that gives nothing but the way down to devices; for tests. */
export class WrapperHome {
  /** What devices were sent, parsed. */
  readonly sent: { readonly topic: string; readonly body: unknown }[] = [];
  /** The log, parsed. */
  readonly lines: Readonly<Record<string, unknown>>[] = [];
  readonly counted: Record<string, number> = {};
  /** Stands before every message to a device; a test may let it fail. */
  beforeSending: (topic: string) => Promise<void> = () => Promise.resolve();

  /** Runs a new instance on that event, as Lambda would. */
  async run<Event, Result>(handler: LambdaFunction<Event, Result>, event: Event): Promise<Result> {
    const context = { awsRequestId: 'request-1', getRemainingTimeInMillis: () => 1000 };
    // The rest of Lambda's context is not read by anything here.
    return (await handler.on(this.#home))(event, context as unknown as Context);
  }

  readonly #link: DeviceLink = {
    publish: async (topic, payload) => {
      await this.beforeSending(topic);
      this.sent.push({ topic, body: JSON.parse(Buffer.from(payload).toString()) });
    },
    disconnect: () => Promise.resolve(),
  };

  /** Gives the link for whatever is asked: the functions of these tests need nothing else. */
  readonly #home = {
    provide: () => Promise.resolve(this.#link),
    setting: () => 'test-service',
    writeLine: (line: string) => this.lines.push(JSON.parse(line)),
    count: (metric: string, value: number) => {
      this.counted[metric] = (this.counted[metric] ?? 0) + value;
    },
  } as unknown as Home;
}
