import * as z from 'zod';
import { DeviceId, EpochMs, Hardware, ProductName, Tag } from '../names.ts';
import { defineEvent } from './event.ts';

/** Attribute values that a selector can look at. */
export const AttributeValue = z.union([z.string().max(128), z.number(), z.boolean()]);

/**
 * The registry's facts of one device, whole, after a change. Consumers apply it only if `entityVersion` is newer than what
 * they hold; `decommissioned` is the tombstone.
 */
export const DeviceChanged = defineEvent(
  'evenkeel.device-registry',
  'DeviceChanged',
  {
    deviceId: DeviceId,
    entityVersion: z.number().int().min(1),
    product: ProductName,
    hardware: Hardware,
    tags: z.array(Tag).max(32),
    attributes: z.record(z.string(), AttributeValue),
    decommissioned: z.boolean(),
    /** When it was last registered; a later time is another identity, and the certificate of the one before is revoked. */
    registeredAtMs: EpochMs.optional(),
  },
  [
    {
      id: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5A',
      v: 1,
      tenant: 'acme',
      atMs: 1_780_000_000_000,
      deviceId: 'cam-0001',
      entityVersion: 3,
      product: 'cam',
      hardware: 'cam-rev-b',
      tags: ['internal'],
      attributes: { region: 'eu' },
      decommissioned: false,
    },
    {
      id: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5B',
      v: 1,
      tenant: 'acme',
      atMs: 1_780_000_100_000,
      deviceId: 'cam-0001',
      entityVersion: 5,
      product: 'cam',
      hardware: 'cam-rev-b',
      tags: [],
      attributes: {},
      decommissioned: false,
      registeredAtMs: 1_780_000_100_000,
    },
  ],
);
export type DeviceChanged = z.infer<typeof DeviceChanged.detail>;
