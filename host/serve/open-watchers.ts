import type { AccessTokens } from '../access/access-tokens.ts';
import type { Host } from '../host.ts';
import type { ServerCertificateRenewal } from '../identity/server-certificate.ts';
import type { Metrics, MetricsParts } from '../metrics/open-metrics.ts';
import type { Notifier } from '../notify/notifier.ts';
import { listenFault } from './listen-fault.ts';
import type { ServeOptions } from './serve-options.ts';

/** Who tells of what needs a person, if anybody is to be told; its code is loaded by those alone who want it. */
export async function notifierOf(
  options: ServeOptions,
  parts: {
    readonly host: Host;
    readonly renewal: ServerCertificateRenewal;
    readonly tokens: AccessTokens;
  },
): Promise<Notifier | undefined> {
  const { notify, services, directory, name, world } = options;
  if (notify === undefined) return undefined;
  const { openNotifier } = await import('../notify/open-notifier.ts');
  return openNotifier(notify, { ...parts, services, directory, name, world });
}

/**
 * The metrics, if they are to be served; their code is loaded by those alone who want it. Throws `ConfigurationError` for a port that
 * cannot be had.
 */
export async function metricsOf(
  { metricsPort: port, services, directory, world }: ServeOptions,
  parts: Omit<MetricsParts, 'services' | 'directory' | 'world'>,
): Promise<Metrics | undefined> {
  if (port === undefined) return undefined;
  const { METRICS_ADDRESS: address, openMetrics } = await import('../metrics/open-metrics.ts');
  return openMetrics(port, { ...parts, services, directory, world }).catch((error: unknown) => {
    throw listenFault(error, { option: '--metrics-port', port, address });
  });
}
