import type { DeviceView } from '../api/devices.ts';
import type { ExamplesOf } from './api.ts';

const one = { params: { deviceId: 'cam-0001' } };
const device: DeviceView = {
  deviceId: 'cam-0001',
  thing: 'acme:cam-0001',
  product: 'cam',
  hardware: 'cam-rev-b',
  tags: ['internal'],
  attributes: { region: 'eu', slots: 2, rooted: false },
  entityVersion: 3,
  certificateId: 'f'.repeat(64),
  registeredAtMs: 1_780_000_000_000,
  decommissioned: false,
  presence: { connected: true, sinceMs: 1_780_000_100_000 },
};
const { presence: _unheard, ...neverConnected } = device;
const certificate = '-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n';

/** Examples of the registry's routes. */
export const DEVICE_ROUTES: ExamplesOf<
  'registerDevice' | 'listDevices' | 'getDevice' | 'tagDevice' | 'decommissionDevice'
> = {
  registerDevice: {
    request: {
      smallest: { body: { deviceId: 'cam-0001', product: 'cam', hardware: 'cam-rev-b' } },
      withCsr: {
        body: {
          deviceId: 'cam-0001',
          product: 'cam',
          hardware: 'cam-rev-b',
          tags: ['internal'],
          csr: '-----BEGIN CERTIFICATE REQUEST-----\nMIIB\n-----END CERTIFICATE REQUEST-----\n',
        },
      },
    },
    answer: {
      withKey: {
        thing: 'acme:cam-0001',
        certificateId: 'f'.repeat(64),
        certificate,
        privateKey: '-----BEGIN PRIVATE KEY-----\nMC4C\n-----END PRIVATE KEY-----\n',
        authority: certificate,
        endpoint: 'localhost:8883',
      },
    },
  },
  listDevices: {
    request: {
      first: {},
      next: { query: { limit: '100', cursor: 'ZGV2aWNl' } },
      chosen: {
        query: {
          id: '00',
          product: 'cam',
          hardware: 'cam-rev-b',
          tag: 'internal,hall-3',
          presence: 'disconnected',
          unseenDays: '30',
        },
      },
    },
    answer: {
      page: { devices: [device, neverConnected], cursor: 'ZGV2aWNl' },
      last: { devices: [] },
      chosen: { devices: [device], looked: 1000, cursor: 'ZGV2aWNl' },
    },
  },
  getDevice: { request: { one }, answer: { connected: device, neverConnected } },
  tagDevice: {
    request: {
      tags: { ...one, body: { tags: ['internal', 'lab'] } },
      none: { ...one, body: { tags: [] } },
      added: { ...one, body: { tags: ['internal', 'lab'], had: ['internal'] } },
    },
    answer: { tagged: { ...device, tags: ['internal', 'lab'] } },
  },
  decommissionDevice: {
    request: { one, why: { ...one, query: { reason: 'returned by the customer' } } },
    answer: { gone: { ...device, decommissioned: true } },
  },
};
