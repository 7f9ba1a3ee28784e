import * as z from 'zod';
import type { Route } from './api/route.ts';
import { ROUTES } from './api/routes.ts';
import type { Contract, Direction } from './contract.ts';
import { CheckRequest } from './device/check.ts';
import { Offer, RetryAfter } from './device/offer.ts';
import { PermitAnswer, PermitRequest } from './device/permit.ts';
import { Ack, Inventory, Refused, Report } from './device/report.ts';
import { RuleEvent } from './device/rule-event.ts';
import { DeviceChanged } from './events/device-changed.ts';
import type { EventContract } from './events/event.ts';
import { HearingInterrupted } from './events/hearing-interrupted.ts';
import { ReleasePublished, ReleaseRevoked, ReleaseWithdrawn } from './events/release-events.ts';
import { RolloutChanged } from './events/rollout-events.ts';
import type { RouteExamples } from './examples/api.ts';
import { DEVICE_AUDIT_ROUTES, PRODUCT_AUDIT_ROUTES, ROLLOUT_AUDIT_ROUTES } from './examples/api-audit.ts';
import { DEVICE_ROUTES } from './examples/api-devices.ts';
import { FIRMWARE_ROUTES } from './examples/api-firmware.ts';
import { FLEET_ROUTES } from './examples/api-fleet.ts';
import { ROLLOUT_DEVICE_ROUTES } from './examples/api-rollout-devices.ts';
import { ROLLOUT_ROUTES } from './examples/api-rollouts.ts';
import { TELEMETRY_ROUTES } from './examples/api-telemetry.ts';
import * as device from './examples/device.ts';
import { OUTBOX_ENTRY } from './examples/outbox-entry.ts';
import { REPORT_BATCH } from './examples/report-batch.ts';
import { OutboxEntry } from './outbox-entry.ts';
import { ReportBatch } from './report-batch.ts';

/** Everything that is not a service of ours, by what it is called in `producers` and `consumers`. */
export const OUTSIDE = [
  'devices in the field',
  'command line and scripts',
  'home',
  'rules of operators on the bus',
] as const;

const REGISTRY = 'device-registry';
const FIRMWARE = 'firmware-storage';
const ORCHESTRATOR = 'rollout-orchestrator';
const TELEMETRY = 'telemetry-ingest';
const DEVICES = 'devices in the field';
const CLIENTS = 'command line and scripts';

/** The device protocol: devices in the field speak a version for ten years. */
const DEVICE: readonly Contract[] = [
  up('check', CheckRequest, device.CHECK, [ORCHESTRATOR]),
  up('permit-request', PermitRequest, device.PERMIT_REQUEST, [ORCHESTRATOR]),
  up('report', Report, device.REPORT, [ORCHESTRATOR]),
  up('inventory', Inventory, device.INVENTORY, [REGISTRY]),
  down('offer', z.union([Offer, RetryAfter]), device.OFFER, [ORCHESTRATOR]),
  down('permit-answer', PermitAnswer, device.PERMIT_ANSWER, [ORCHESTRATOR]),
  down('ack', Ack, device.ACK, [ORCHESTRATOR]),
  down('refused', Refused, device.REFUSED, [ORCHESTRATOR, REGISTRY]),
];

/** What services tell each other on the bus. */
const EVENTS: readonly Contract[] = [
  event('device-changed', DeviceChanged, [ORCHESTRATOR]),
  event('release-published', ReleasePublished, [ORCHESTRATOR]),
  event('release-revoked', ReleaseRevoked, [ORCHESTRATOR]),
  event('release-withdrawn', ReleaseWithdrawn, [FIRMWARE]),
  event('rollout-changed', RolloutChanged, ['rules of operators on the bus']),
  event('hearing-interrupted', HearingInterrupted, [ORCHESTRATOR]),
];

/** What waits in queues and streams while another version of its reader is deployed. */
const WAITING: readonly Contract[] = [
  {
    ...message('queue/rule-event', 'between', RuleEvent, device.RULE_EVENT),
    producers: [ORCHESTRATOR, REGISTRY],
    consumers: [ORCHESTRATOR, REGISTRY],
  },
  {
    ...message('queue/report-batch', 'between', ReportBatch, REPORT_BATCH),
    producers: [ORCHESTRATOR],
    consumers: [TELEMETRY],
  },
  {
    ...message('stream/outbox-entry', 'between', OutboxEntry, OUTBOX_ENTRY),
    producers: [REGISTRY, FIRMWARE, ORCHESTRATOR],
    consumers: [REGISTRY, FIRMWARE, ORCHESTRATOR],
  },
];

const API: readonly Contract[] = [
  ...routesOf(REGISTRY, DEVICE_ROUTES),
  ...routesOf(REGISTRY, DEVICE_AUDIT_ROUTES),
  ...routesOf(FIRMWARE, FIRMWARE_ROUTES),
  ...routesOf(FIRMWARE, PRODUCT_AUDIT_ROUTES),
  ...routesOf(ORCHESTRATOR, ROLLOUT_ROUTES),
  ...routesOf(ORCHESTRATOR, ROLLOUT_DEVICE_ROUTES),
  ...routesOf(ORCHESTRATOR, FLEET_ROUTES),
  ...routesOf(ORCHESTRATOR, ROLLOUT_AUDIT_ROUTES),
  ...routesOf(TELEMETRY, TELEMETRY_ROUTES),
];

/** Everything that crosses a service or device border. `npm run contracts` commits it; test/contract holds it. */
export const CONTRACTS: readonly Contract[] = [...DEVICE, ...EVENTS, ...WAITING, ...API];

function message(name: string, direction: Direction, schema: z.ZodType, examples: Contract['examples']) {
  return { name, part: 'message', version: 1, direction, schema, examples } as const;
}

function up(
  what: string,
  schema: z.ZodType,
  examples: Contract['examples'],
  consumers: readonly string[],
): Contract {
  return { ...message(`device/${what}`, 'in', schema, examples), producers: [DEVICES], consumers };
}

function down(
  what: string,
  schema: z.ZodType,
  examples: Contract['examples'],
  producers: readonly string[],
): Contract {
  return { ...message(`device/${what}`, 'out', schema, examples), producers, consumers: [DEVICES] };
}

function event<Detail>(
  what: string,
  contract: EventContract<Detail>,
  consumers: readonly string[],
): Contract {
  const examples = Object.fromEntries(contract.examples.map((example, at) => [`example${at + 1}`, example]));
  const producers = [contract.source.replace(/^evenkeel\./, '')];
  return { ...message(`event/${what}`, 'between', contract.detail, examples), producers, consumers };
}

function routesOf(
  service: string,
  examples: Readonly<Partial<Record<keyof typeof ROUTES, RouteExamples<unknown>>>>,
): Contract[] {
  return Object.entries(examples).flatMap(([key, { request, answer }]) => {
    // Its keys are those of ROUTES: the type of the parameter says so, `Object.entries` forgets it.
    const route: Route<unknown, unknown, unknown, unknown> = ROUTES[key as keyof typeof ROUTES];
    const name = `api/${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
    return [
      {
        name,
        part: 'request',
        version: 1,
        direction: 'in',
        schema: requestSchema(route),
        examples: request,
        producers: [CLIENTS],
        consumers: [service],
      } as const,
      {
        name,
        part: 'answer',
        version: 1,
        direction: 'out',
        schema: route.answer,
        examples: answer,
        producers: [service],
        consumers: [CLIENTS],
      } as const,
    ];
  });
}

/** The parts that a route takes, as one. A part that takes nothing is left out, and so may be a part that takes `{}`. */
function requestSchema({ params, query, body }: Route<unknown, unknown, unknown, unknown>): z.ZodType {
  const parts = Object.entries({ params, query, body }).filter(([, part]) => !takesNothing(part));
  return z.object(
    Object.fromEntries(
      parts.map(([name, part]) => [name, part.safeParse({}).success ? part.prefault({}) : part]),
    ),
  );
}

function takesNothing(part: z.ZodType): boolean {
  if (part instanceof z.ZodObject) return Object.keys(part.shape).length === 0;
  return part instanceof z.ZodUndefined;
}
