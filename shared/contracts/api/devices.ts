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

/** What a device is to its broker, as people look for it. */
export const PRESENCES = ['connected', 'disconnected', 'never', 'decommissioned'] as const;
/** One of those words. */
export type PresenceWord = (typeof PRESENCES)[number];

/** Tags in a query: one, or several with commas between. */
const TagList = z
  .string()
  .max(2048)
  .refine((text) => Tags.safeParse(text.split(',')).success, 'must be up to 32 tags with commas between');

/** By what devices are chosen; a part that is absent chooses all. */
const Chosen = {
  /** Stands somewhere in the id, in capitals or not. */
  id: z.string().min(1).max(43).optional(),
  product: ProductName.optional(),
  hardware: Hardware.optional(),
  /** All of these; with commas between. */
  tag: TagList.optional(),
  presence: z.enum(PRESENCES).optional(),
  /** In service, and not connected for so many days; one that never was, registered so long ago. */
  unseenDays: z.coerce.number().int().min(1).max(3650).optional(),
};

/** Lists devices in order of id. */
export const ListDevices = defineRoute({
  method: 'GET',
  path: '/devices',
  summary:
    'List devices, all or those that are chosen; where they are chosen, a page may be short, or empty, and still have a cursor',
  role: 'viewer',
  query: z.strictObject({ ...Paging, ...Chosen }),
  answer: z.object({
    devices: z.array(DeviceView),
    /** How many devices were looked at for this page, where they are chosen: 1,000 at most. */
    looked: z.number().int().min(0).optional(),
    cursor: z.string().optional(),
  }),
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
  body: z.strictObject({
    tags: Tags,
    /** Those that it must still have: who adds or takes away some of them overwrites nobody who does so at the same time. */
    had: Tags.optional(),
  }),
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
