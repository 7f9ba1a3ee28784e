import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { AccessTokens } from '../access/access-tokens.ts';
import type { Services } from '../serverless/read-services.ts';
import { MetricsDoor } from './metrics-door.ts';
import { DELAY_RESTS_MS, readingsOf, type Sources } from './readings.ts';

/** Whoever asks is on this machine: what is told names no tenant and no device, but needs no token either. */
export const METRICS_ADDRESS = '127.0.0.1';
/** Counted for the routes of all services (shared/lambda/on-http.ts); its alarm is the framework's. */
const ANSWERED_WITH_500 = 'HttpRequestFailed';

/** What the metrics of a host are read from. */
export interface MetricsParts
  extends Pick<Sources, 'broker' | 'mostDevices' | 'certificates' | 'world' | 'directory'> {
  readonly host: Sources['host'] & {
    readonly resources: { queue(name: string): Sources['queues'][number]['backlog'] };
  };
  readonly tokens: Pick<AccessTokens, 'list'>;
  readonly services: Services;
  readonly onFault: (error: unknown) => void;
}

/** Metrics that are served. */
export interface Metrics {
  /** Of http://127.0.0.1:PORT/metrics. */
  readonly port: number;
  /** Serves them no more. */
  stop(): Promise<void>;
}

/** Serves the metrics of a host on that port (0: any that is free), to this machine alone. Throws where the port cannot be had. */
export async function openMetrics(port: number, parts: MetricsParts): Promise<Metrics> {
  const { host, services, broker, mostDevices, certificates, tokens, world, directory, onFault } = parts;
  const definitions = [services.platform, ...services.services];
  const prefix = `evenkeel-${services.platform.place.stage}-`;
  const delays = monitorEventLoopDelay({ resolution: DELAY_RESTS_MS });
  delays.enable();
  const sources: Sources = {
    host,
    broker,
    mostDevices,
    certificates,
    // A list that is broken must not take all other metrics with it.
    tokens: () =>
      tokens.list().catch((error: unknown) => {
        onFault(error);
        return undefined;
      }),
    world,
    directory,
    delays,
    queues: definitions
      .flatMap((definition) => definition.queues)
      .map(({ name, redrive }) => ({
        name: name.replace(prefix, ''),
        backlog: host.resources.queue(name),
        isForDeadLetters: redrive === undefined,
      })),
    counters: [ANSWERED_WITH_500, ...definitions.flatMap(({ alarms }) => alarms.map(({ metric }) => metric))],
  };
  const door = new MetricsDoor(() => readingsOf(sources), onFault);
  const taken = await door.listen(METRICS_ADDRESS, port);
  return {
    port: taken,
    async stop() {
      delays.disable();
      await door.close();
    },
  };
}
