import * as z from 'zod';
import { AttributeValue } from '../events/device-changed.ts';
import { DeviceId, EpochMs, Hardware, ProductName, ReasonText, Sha256, Tag, Thing } from '../names.ts';
import { defineRoute, Paging } from './route.ts';

const One = z.strictObject({ deviceId: DeviceId });
const Tags = z
  .array(Tag)
  .max(32)
  .refine((tags) => new Set(tags).size === tags.length, 'must not repeat a tag');

/** A device as the registry knows it; what it runs is the orchestrator's to say. */
export const DeviceView = z.object({
  deviceId: DeviceId,
  thing: Thing,
  product: ProductName,
  hardware: Hardware,
  tags: z.array(Tag),
  attributes: z.record(z.string(), AttributeValue),
  entityVersion: z.number().int(),
  certificateId: Sha256,
  registeredAtMs: EpochMs,
  decommissioned: z.boolean(),
  presence: z.object({ connected: z.boolean(), sinceMs: EpochMs }).optional(),
});
export type DeviceView = z.infer<typeof DeviceView>;

/** Registers one device and issues its certificate. */
export const RegisterDevice = defineRoute({
  method: 'POST',
  path: '/devices',
  summary: 'Register one device and get its certificate, from its CSR or with a key made for it',
  role: 'manufacturer',
  body: z.strictObject({
    deviceId: DeviceId,
    product: ProductName,
    hardware: Hardware,
    tags: Tags.default([]),
    /** PKCS#10 in PEM; its subject is never read. */
    csr: z.string().max(8192).optional(),
  }),
  answer: z.object({
    thing: Thing,
    certificateId: Sha256,
    certificate: z.string(),
    /** Only where no CSR was given; handed out once and not kept. */
    privateKey: z.string().optional(),
    authority: z.string(),
    /** `host:port` of the broker. */
    endpoint: z.string(),
  }),
  status: 201,
});

/** Lists devices in order of id. */
export const ListDevices = defineRoute({
  method: 'GET',
  path: '/devices',
  summary: 'List devices',
  role: 'viewer',
  query: z.strictObject(Paging),
  answer: z.object({ devices: z.array(DeviceView), cursor: z.string().optional() }),
});

/** One device. */
export const GetDevice = defineRoute({
  method: 'GET',
  path: '/devices/{deviceId}',
  summary: 'Show one device',
  role: 'viewer',
  params: One,
  answer: DeviceView,
});

/** Replaces the tags of a device. */
export const TagDevice = defineRoute({
  method: 'PUT',
  path: '/devices/{deviceId}/tags',
  summary: 'Replace the tags of a device',
  role: 'operator',
  params: One,
  body: z.strictObject({ tags: Tags }),
  answer: DeviceView,
});

/** Takes a device out of service: its certificate is revoked, nothing goes to it any more. */
export const DecommissionDevice = defineRoute({
  method: 'DELETE',
  path: '/devices/{deviceId}',
  summary: 'Decommission a device and revoke its certificate',
  role: 'manufacturer',
  params: One,
  /** Why, for the audit log: of a device that was so already it changes nothing. */
  query: z.strictObject({ reason: ReasonText.optional() }),
  answer: DeviceView,
});
