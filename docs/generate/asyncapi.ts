import type * as z from 'zod';
import { CheckRequest } from '#shared/contracts/device/check.ts';
import { Offer, RetryAfter } from '#shared/contracts/device/offer.ts';
import { PermitAnswer, PermitRequest } from '#shared/contracts/device/permit.ts';
import { Ack, Inventory, Refused, Report } from '#shared/contracts/device/report.ts';
import { downTopic, upTopic } from '#shared/contracts/device/topics.ts';
import { schemaOf } from './schema-of.ts';

interface Channel {
  readonly name: string;
  readonly address: string;
  readonly action: 'send' | 'receive';
  readonly messages: Readonly<Record<string, z.ZodType>>;
}

const THING = '{thing}';
/** Actions as AsyncAPI means them: what the described application, the backend, does. */
const CHANNELS: readonly Channel[] = [
  { name: 'check', address: upTopic(THING, 'check'), action: 'receive', messages: { CheckRequest } },
  {
    name: 'permitRequest',
    address: upTopic(THING, 'permit'),
    action: 'receive',
    messages: { PermitRequest },
  },
  {
    name: 'report',
    address: upTopic(THING, 'report'),
    action: 'receive',
    messages: { Report, CheckRequest },
  },
  { name: 'inventory', address: upTopic(THING, 'inventory'), action: 'receive', messages: { Inventory } },
  { name: 'offer', address: downTopic(THING, 'offer'), action: 'send', messages: { Offer, RetryAfter } },
  { name: 'permitAnswer', address: downTopic(THING, 'permit'), action: 'send', messages: { PermitAnswer } },
  { name: 'ack', address: downTopic(THING, 'ack'), action: 'send', messages: { Ack } },
  { name: 'refused', address: downTopic(THING, 'refused'), action: 'send', messages: { Refused } },
];

/** The AsyncAPI 3.0 document of the device protocol, made from the message contracts and topics alone. */
export function asyncApi(version: string): Record<string, unknown> {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Evenkeel device protocol',
      version,
      description:
        'What devices and the backend say to each other; the rules in words are in docs/protocol.md.',
      license: { name: 'Apache-2.0' },
    },
    servers: {
      oneMachine: {
        host: 'localhost:8883',
        protocol: 'secure-mqtt',
        protocolVersion: '3.1.1',
        security: [{ type: 'X509' }],
      },
    },
    channels: Object.fromEntries(
      CHANNELS.map(({ name, address, messages }) => [
        name,
        {
          address,
          parameters: { thing: { description: 'thing name, <tenant>:<deviceId>' } },
          messages: Object.fromEntries(
            Object.entries(messages).map(([message, schema]) => [
              message,
              { contentType: 'application/json', payload: schemaOf(schema) },
            ]),
          ),
        },
      ]),
    ),
    operations: Object.fromEntries(
      CHANNELS.map(({ name, action }) => [name, { action, channel: { $ref: `#/channels/${name}` } }]),
    ),
  };
}
