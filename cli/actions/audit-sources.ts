import type * as z from 'zod';
import type { AuditLog } from '#shared/audit/seal.ts';
import {
  type AuditPage,
  ListDeviceAudit,
  ListDeviceSeals,
  ListProductAudit,
  ListProductSeals,
  ListQuarantineAudit,
  ListRolloutAudit,
  ListRolloutSeals,
  type SealsPage,
} from '#shared/contracts/api/audit.ts';
import type { ApiClient } from '../api-client.ts';
import type { PageQuery } from './all-pages.ts';
import { showDevice } from './devices.ts';

/** Gives the seals over a log, page by page. */
export type SealPages = (query: PageQuery) => Promise<z.infer<typeof SealsPage>>;

/** The audit log of one rollout, device or product, and the chain of seals that it is held against. */
export interface AuditSource {
  readonly log: AuditLog;
  /** As its entries and seals name it. */
  readonly about: string;
  readonly entries: (query: PageQuery) => Promise<z.infer<typeof AuditPage>>;
  readonly seals: SealPages;
}

/** The seals over each log of the tenant. */
export const sealsOf = (client: ApiClient): Readonly<Record<AuditLog, SealPages>> => ({
  products: (query) => client.call(ListProductSeals, { query }),
  rollouts: (query) => client.call(ListRolloutSeals, { query }),
  devices: (query) => client.call(ListDeviceSeals, { query }),
});

/** Everything that was decided about a rollout. */
export const auditOfRollout = (client: ApiClient, rollout: string): AuditSource => ({
  log: 'rollouts',
  about: rollout,
  entries: (query) => client.call(ListRolloutAudit, { params: { rollout }, query }),
  seals: sealsOf(client).rollouts,
});

/** Everything that was decided about a product, its keys and its releases. */
export const auditOfProduct = (client: ApiClient, product: string): AuditSource => ({
  log: 'products',
  about: product,
  entries: (query) => client.call(ListProductAudit, { params: { product }, query }),
  seals: sealsOf(client).products,
});

/** Everything that was decided about a device, by its thing name, by which entries name it. */
export const auditOfThing = (client: ApiClient, thing: string): AuditSource => ({
  log: 'devices',
  about: thing,
  entries: (query) => client.call(ListDeviceAudit, { params: { deviceId: deviceOf(thing) }, query }),
  seals: sealsOf(client).devices,
});

/** Everything that was decided about the quarantine of a thing, which is in the log of rollouts. */
export const quarantineOfThing = (client: ApiClient, thing: string): AuditSource => ({
  log: 'rollouts',
  about: thing,
  entries: (query) => client.call(ListQuarantineAudit, { params: { deviceId: deviceOf(thing) }, query }),
  seals: sealsOf(client).rollouts,
});

/** Everything that was decided about a device: asks for its thing name. */
export const auditOfDevice = async (client: ApiClient, deviceId: string): Promise<AuditSource> =>
  auditOfThing(client, (await showDevice(client, deviceId)).thing);

/** Everything that was decided about the quarantine of a device: asks for its thing name. */
export const auditOfQuarantine = async (client: ApiClient, deviceId: string): Promise<AuditSource> =>
  quarantineOfThing(client, (await showDevice(client, deviceId)).thing);

/** The device of a thing name, `<tenant>:<deviceId>`. */
const deviceOf = (thing: string): string => thing.slice(thing.indexOf(':') + 1);
