import { PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { SQSClient } from '@aws-sdk/client-sqs';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { SqsQueue } from '#shared/aws/queue.ts';
import { DeviceChanged } from '#shared/contracts/events/device-changed.ts';
import type { EventContract } from '#shared/contracts/events/event.ts';
import { HearingInterrupted } from '#shared/contracts/events/hearing-interrupted.ts';
import {
  ReleasePublished,
  ReleaseRevoked,
  ReleaseWithdrawn,
} from '#shared/contracts/events/release-events.ts';
import { REPORT } from '#shared/contracts/examples/device.ts';
import { registerDevice } from '../../../cli/actions/devices.ts';
import type { PassingRequest } from '../gate/gate.ts';
import { PLACE } from '../stacks/place.ts';
import { BareDevice } from '../story/bare-device.ts';
import { failSendingTo, untilLetter } from '../story/dead-letters.ts';
import { HARDWARE, PRODUCT } from '../story/maker.ts';
import { until, WITHIN_MS } from '../story/until.ts';
import type { Parts } from './parts.ts';

const FACTS = { deviceId: 'bare-6', product: PRODUCT, hardware: HARDWARE };
/** A release that nobody made: the upload waits for no verdict. */
const UPLOAD_KEY = `uploads/acme/${PRODUCT}/9.9.9/${HARDWARE}`;
/** Functions that hear of something and must not lose it, and what each hears of; those of the clock and of uploads stand apart. */
const LISTENERS: readonly (readonly [name: string, contract: EventContract<unknown>])[] = [
  ['firmware-storage/onReleaseWithdrawn', ReleaseWithdrawn],
  ['rollout-orchestrator/onDeviceChanged', DeviceChanged],
  ['rollout-orchestrator/onHearingInterrupted', HearingInterrupted],
  ['rollout-orchestrator/onReleasePublished', ReleasePublished],
  ['rollout-orchestrator/onReleaseRevoked', ReleaseRevoked],
];
const BY_CLOCK = 'rollout-orchestrator/tickRollouts';
const BY_UPLOAD = 'firmware-storage/onFirmwareUploaded';

/** An event's example as it comes over the wire. */
const detailOf = ([example]: readonly unknown[]) => JSON.parse(JSON.stringify(example));

/** What is given up is kept: every failure destination and every error action, while tables or queues refuse. */
export function describeLosses({ home, maker }: Parts, badRollout: () => string): void {
  const fail = (applies: (one: PassingRequest) => boolean) => home().gate.fail(applies);
  const isAboutTables = ({ operation }: PassingRequest) => operation.startsWith('dynamodb:');
  const failTablesOf = (name: string) => {
    const role = home().roleOf(name);
    return fail((one) => one.role === role && isAboutTables(one));
  };

  describe('what is given up after its retries', () => {
    const restores: (() => void)[] = [];
    beforeAll(async () => {
      home().functions.giveUpInTime();
      for (const name of [...LISTENERS.map(([listener]) => listener), BY_CLOCK, BY_UPLOAD])
        restores.push(failTablesOf(name));
      // All at once: each takes seconds to be given up.
      for (const [, { source, type, examples }] of LISTENERS)
        await home().publish({ source, type, detail: detailOf(examples) });
      const { credentials } = home().callers.ofRole(home().roleOf('firmware-storage/beginUpload'));
      const s3 = new S3Client({ region: PLACE.region, credentials });
      const Bucket = `evenkeel-${PLACE.stage}-firmware-${PLACE.accountId}-${PLACE.region}`;
      await s3.send(new PutObjectCommand({ Bucket, Key: UPLOAD_KEY, Body: 'bytes' }));
      s3.destroy();
    }, WITHIN_MS);
    afterAll(() => {
      for (const restore of restores) restore();
    });
    /** Until the failure destination of the function has an account of that payload. */
    const untilToldOf = (name: string, requestPayload: unknown) => {
      const { arn, invokeConfigs } = home().functionOf(name).definition;
      const [queueArn] = [...invokeConfigs.values()].flatMap(({ onFailureArn = [] }) => onFailureArn);
      return untilLetter(home(), String(queueArn).split(`:evenkeel-${PLACE.stage}-`).at(-1) ?? '', {
        requestContext: expect.objectContaining({ functionArn: arn, approximateInvokeCount: 3 }),
        requestPayload: expect.objectContaining(Object(requestPayload)),
      });
    };

    test.each(LISTENERS)(
      '%s: the event',
      async (name, { source, type, examples }) => {
        await untilToldOf(name, { source, 'detail-type': type, detail: detailOf(examples) });
      },
      WITHIN_MS,
    );

    test(
      'an upload: which object it was',
      async () => {
        const object = expect.objectContaining({ key: UPLOAD_KEY });
        const record = expect.objectContaining({ s3: expect.objectContaining({ object }) });
        await untilToldOf(BY_UPLOAD, { Records: [record] });
      },
      WITHIN_MS,
    );

    test(
      'a minute of the clock',
      async () => {
        await untilToldOf(BY_CLOCK, { 'detail-type': 'Scheduled Event' });
      },
      WITHIN_MS,
    );
  });

  describe('what a queue does not take', () => {
    let device: BareDevice;
    beforeAll(async () => {
      device = await BareDevice.connect(home(), await registerDevice(maker().client, FACTS), FACTS);
    }, WITHIN_MS);
    afterAll(() => device.leave());

    test.each([
      ['inventory', 'ek_inventory', 'registry-dead'],
      ['permit', 'ek_permit', 'orchestrator-dead'],
    ] as const)(
      'of %s goes where the error action of %s sends it',
      async (kind, ruleName, dead) => {
        const restore = failSendingTo(home(), kind === 'permit' ? 'permits' : kind);
        await device.say(kind, { v: 1 });
        restore();
        await untilLetter(home(), dead, { ruleName, clientId: device.thing });
      },
      WITHIN_MS,
    );

    test(
      'of reports makes the search for silence ask how old they are',
      async () => {
        const restore = failTablesOf('rollout-orchestrator/applyReports');
        await device.say('report', REPORT.begins);
        const { credentials } = home().callers.ofRole(home().roleOf('rollout-orchestrator/tickRollouts'));
        const sqs = new SQSClient({ region: PLACE.region, credentials });
        const url = `https://sqs.${PLACE.region}.amazonaws.com/${PLACE.accountId}/evenkeel-${PLACE.stage}-silence`;
        const body = JSON.stringify({ rollout: badRollout() });
        await new SqsQueue({ client: sqs, url }).send([{ body }]);
        sqs.destroy();
        const searching = home().callers.ofRole(home().roleOf('rollout-orchestrator/findSilence'));
        await until('CloudWatch is asked', () =>
          searching.used.some(({ operations }) => operations.has('cloudwatch:GetMetricData')),
        );
        restore();
      },
      WITHIN_MS,
    );
  });
}
