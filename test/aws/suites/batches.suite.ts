import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { describe, expect, test } from '@jest/globals';
import { DynamoTable } from '#shared/aws/table.ts';
import { ORACLE_SETTINGS } from '#shared/aws/testing/oracle-process.ts';
import { realWorld } from '#shared/world/real-world.ts';
import { DeadlineStore } from '../../../services/rollout-orchestrator/stores/deadline-store.ts';
import type { DeliveredRecord } from '../account/deliveries.ts';
import { until, WITHIN_MS } from '../story/until.ts';
import type { Parts } from './parts.ts';

const DONE = { batchItemFailures: [] };

/** Who or what a record is about: batches of two are of two of them. */
type SubjectOf = (record: DeliveredRecord) => string | undefined;

/** What stands in the body of a message that an IoT rule sent: the thing that spoke, or the client that came or went. */
const deviceOf: SubjectOf = ({ body }) => {
  const { thing, clientId } = JSON.parse(String(body));
  return thing ?? clientId;
};
/** Reports alone: devices send sightings to the same queue, which are read from other rows. */
const reporterOf: SubjectOf = (record) => {
  const payload = JSON.parse(Buffer.from(JSON.parse(String(record.body)).payload, 'base64').toString());
  return payload.events === undefined ? undefined : deviceOf(record);
};
const entryOf: SubjectOf = ({ dynamodb }) => JSON.stringify(Object(dynamodb).Keys);

const FED: readonly (readonly [name: string, subjectOf: SubjectOf])[] = [
  ['device-registry/onDeviceConnected', deviceOf],
  ['device-registry/onDeviceDisconnected', deviceOf],
  ['device-registry/recordInventory', deviceOf],
  ['device-registry/sealAudit', entryOf],
  ['firmware-storage/sealAudit', entryOf],
  ['rollout-orchestrator/applyReports', reporterOf],
  ['rollout-orchestrator/requestPermit', deviceOf],
  ['rollout-orchestrator/sealAudit', entryOf],
];

/**
 * How many messages come together is chance on AWS, and they read otherwise: what was delivered before is delivered again here, one
 * alone and two at once.
 */
export function describeBatches({ home }: Parts, badRollout: () => string): void {
  describe('what comes again', () => {
    test.each(FED)(
      'to %s, alone and in a batch of two, is taken and changes nothing',
      async (name, subjectOf) => {
        const bySubject = new Map(
          home()
            .deliveries.of(name)
            .flatMap((record) => {
              const subject = subjectOf(record);
              return subject === undefined ? [] : [[subject, record] as const];
            }),
        );
        const [one, other] = bySubject.values();
        expect([one, other]).not.toContain(undefined);
        const target = home().functionOf(name);
        expect(await target.invoke({ Records: [one] })).toEqual(DONE);
        expect(await target.invoke({ Records: [one, other] })).toEqual(DONE);
      },
      WITHIN_MS,
    );

    test(
      'to the search for silence, which looks at several devices of one list, is one reading of them',
      async () => {
        const name = 'rollout-orchestrator/findSilence';
        const target = home().functionOf(name);
        const client = new DynamoDBClient({ ...ORACLE_SETTINGS, endpoint: home().dynamoDbEndpoint });
        const table = new DynamoTable({
          client,
          onceClient: client,
          indexes: new Map(),
          world: realWorld,
          name: String(target.definition.environment.ROLLOUTS_TABLE),
        });
        const deadlines = ['cam-0001', 'cam-0002'].map((deviceId) => ({ deviceId, atMs: realWorld.now() }));
        // As requestPermit lists those of a batch. Listing devices twice only means looking twice.
        await new DeadlineStore(table).list(badRollout(), deadlines, { shard: 0, id: 'again' });
        client.destroy();
        const [message] = home().deliveries.of(name);
        const record = { ...message, body: JSON.stringify({ rollout: badRollout() }) };
        const caller = home().callers.ofRole(home().roleOf(name));
        // It looks at nothing while reports are unread that may be older than a deadline.
        await until('both are read at once', async () => {
          await target.invoke({ Records: [record] });
          return caller.used.some(({ grant }) => grant.action === 'dynamodb:BatchGetItem');
        });
      },
      WITHIN_MS,
    );
  });
}
