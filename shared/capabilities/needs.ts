import type { UsageReader } from '#shared/metering/usage-reader.ts';
import type { Backlog } from './backlog.ts';
import type { Bucket, Downloads, Uploads } from './bucket.ts';
import type { Bus } from './bus.ts';
import type { Clock } from './clock.ts';
import type { DeviceLink } from './device-link.ts';
import type { Capabilities, CapabilityName, Home, LoadForAws } from './home.ts';
import type { Identity } from './identity.ts';
import type { Ids } from './ids.ts';
import type { Queue } from './queue.ts';
import type { Signer } from './signer.ts';
import type { Table } from './table.ts';
import type { Timer } from './timer.ts';

/** Something a function needs, and how it is had from the home that the function runs in. */
export interface Need<T> {
  bind(home: Home): Promise<T>;
}

/** The things behind a record of needs. */
export type Bound<Needs extends Readonly<Record<string, Need<unknown>>>> = {
  readonly [Name in keyof Needs]: Needs[Name] extends Need<infer T> ? T : never;
};

/** Binds every need of a function to `home`, once per instance. */
export async function bindAll<Needs extends Readonly<Record<string, Need<unknown>>>>(
  needs: Needs,
  home: Home,
): Promise<Bound<Needs>> {
  const entries = await Promise.all(
    Object.entries(needs).map(async ([name, need]) => [name, await need.bind(home)] as const),
  );
  // The entries carry exactly the names and types of `needs`; fromEntries cannot say so.
  return Object.fromEntries(entries) as Bound<Needs>;
}

/** Several needs as one, for wrappers that need something beside what their steps need. */
export function together<Needs extends Readonly<Record<string, Need<unknown>>>>(
  needs: Needs,
): Need<Bound<Needs>> {
  return { bind: (home) => bindAll(needs, home) };
}

/**
 * `load` is an import that stands beside the need: the bundler leaves out what no need of a function loads. Needs that are
 * made here are marked pure for that reason.
 */
function need<Name extends CapabilityName>(
  name: Name,
  variable: string,
  load: LoadForAws<Name>,
): Need<Capabilities[Name]> {
  return { bind: (home) => home.provide(name, variable, load) };
}

/**
 * The table that the environment variable `variable` names; services wrap it in a store (see `storeOver`). `indexes` are those
 * that the function queries: on AWS `<variable>_INDEXES` must tell their keys.
 */
export const table = (variable: string, ...indexes: readonly string[]): Need<Table> =>
  need('table', variable, async () => {
    const { open } = await import('#shared/aws/table.ts');
    return { open: (source) => open(source, indexes) };
  });
/** The bucket that `variable` names. */
export const bucket = (variable: string): Need<Bucket> =>
  need('bucket', variable, () => import('#shared/aws/bucket.ts'));
/** Presigned uploads into the bucket that `variable` names. */
export const uploads = (variable: string): Need<Uploads> =>
  need('uploads', variable, () => import('#shared/aws/uploads.ts'));
/** Presigned downloads from the bucket that `variable` names. */
export const downloads = (variable: string): Need<Downloads> =>
  need('downloads', variable, () => import('#shared/aws/downloads.ts'));
/** The queue whose URL `variable` holds. */
export const queue = (variable: string): Need<Queue> =>
  need('queue', variable, () => import('#shared/aws/queue.ts'));
/** How far the readers of the queue whose URL `variable` holds are behind. */
export const backlog = (variable: string): Need<Backlog> =>
  need('backlog', variable, () => import('#shared/aws/backlog.ts'));
/** The bus that `variable` names. */
export const bus = (variable: string): Need<Bus> => need('bus', variable, () => import('#shared/aws/bus.ts'));
/** Timers that send to the queue whose ARN `variable` holds. */
export const timer = (variable: string): Need<Timer> =>
  need('timer', variable, () => import('#shared/aws/timer.ts'));
/** Signatures with the key whose ARN `variable` holds. */
export const signer = (variable: string): Need<Signer> =>
  need('signer', variable, () => import('#shared/aws/signer.ts'));
/** The way down to devices. */
export const deviceLink: Need<DeviceLink> = /* @__PURE__ */ need(
  'deviceLink',
  'DEVICE_ENDPOINT',
  () => import('#shared/aws/device-link.ts'),
);
/** Device certificates under the policy that the variable names. */
export const identity: Need<Identity> = /* @__PURE__ */ need(
  'identity',
  'DEVICE_POLICY',
  () => import('#shared/aws/identity.ts'),
);
/** The time. */
export const clock: Need<Clock> = /* @__PURE__ */ need('clock', '', () => import('#shared/aws/clock.ts'));
/** New identifiers. */
export const ids: Need<Ids> = /* @__PURE__ */ need('ids', '', () => import('#shared/aws/ids.ts'));
/** What rollouts have used of AWS, as far as this home knows it. */
export const usage: Need<UsageReader> = /* @__PURE__ */ need(
  'usage',
  '',
  () => import('#shared/aws/usage.ts'),
);

/** A service's store over one of its tables: the need of `table`, spoken in the service's own words. */
export function storeOver<Store>(
  variable: string,
  open: (table: Table) => Store,
  ...indexes: readonly string[]
): Need<Store> {
  const needed = table(variable, ...indexes);
  return { bind: async (home) => open(await needed.bind(home)) };
}
