import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { inDeployOrder } from '../../build/deploy/deploy-order.ts';
import type { StackToDeploy } from '../../build/deploy/deploy-stack.ts';
import { IDENTITIES, importablesIn, importTemplate, isKept } from '../../build/deploy/importable.ts';
import { readPackagedStacks } from '../../build/deploy/packaged-stacks.ts';
import { type StubbedStage, startStubbedStage } from '../../build/testing/stubbed-stage.ts';

const STAGE = 'test';
const REGION = 'eu-central-1';
const ORDER = [
  'evenkeel-platform',
  'telemetry-ingest',
  'rollout-orchestrator',
  'firmware-storage',
  'device-registry',
];
/** Hears of the other only what it has asked for. */
const ANSWERED = { stack: 'firmware-storage', by: 'rollout-orchestrator' };
const PLACE = { accountId: '123456789012', partition: 'aws', region: REGION, parameters: {} };
/** What AWS invents, as it would be written down. */
const RECORDED = { UserPool: 'eu-central-1_a1B2c3D4e' };

/** Deploying the packaged stage in `folder`: what would be brought back, and the whole life of a stage on a stubbed wire. */
export function describeDeploying(folder: string): void {
  const stacks = (): StackToDeploy[] => inDeployOrder(readPackagedStacks(folder, STAGE, {}));
  const nameOf = (service: string) => `${service}-${STAGE}`;

  describe('deploying the packaged stage', () => {
    test('goes from the platform stack to the services', () => {
      expect(stacks().map(({ name }) => name)).toEqual(ORDER.map(nameOf));
    });

    test('has whoever hears of the others there before they tell anything', () => {
      const ordered = stacks();
      const heard = ordered.flatMap(({ name, template: { Resources } }, at) =>
        Object.values(Resources)
          .flatMap(({ Properties }) => Object(Properties?.EventPattern).source ?? [])
          .map((source: string) => nameOf(source.replace(/^evenkeel\./, '')))
          .filter((teller) => name !== nameOf(ANSWERED.stack) || teller !== nameOf(ANSWERED.by))
          .map((teller) => ({ name, at, teller, toldAt: ordered.findIndex((one) => one.name === teller) })),
      );
      expect(heard.length).toBeGreaterThan(2);
      // What the home itself tells has no stack.
      for (const { toldAt, at } of heard.filter((one) => one.toldAt >= 0)) expect(toldAt).toBeGreaterThan(at);
    });

    test('could bring back everything that a removal keeps, by complete identifiers', () => {
      for (const { name, template } of stacks()) {
        const kept = Object.entries(template.Resources).filter(([, resource]) => isKept(resource));
        const found = importablesIn(template, PLACE, RECORDED);
        expect([name, found.map(({ logicalId }) => logicalId)]).toEqual([
          name,
          expect.arrayContaining(kept.map(([logicalId]) => logicalId)),
        ]);
        for (const { type, physicalId } of found) {
          expect(IDENTITIES[type].identifier).not.toBe('');
          expect(physicalId).toMatch(/^[A-Za-z0-9/_-]+$/);
        }
      }
    });

    test('brings it back as it is, with templates that hold nothing else', () => {
      for (const { name, template } of stacks()) {
        const found = importablesIn(template, PLACE, RECORDED);
        const { Resources } = importTemplate(template, undefined, found);
        expect([name, Object.keys(Resources)]).toEqual([name, found.map(({ logicalId }) => logicalId)]);
        for (const [logicalId, { DeletionPolicy, Properties }] of Object.entries(Resources)) {
          expect([logicalId, DeletionPolicy]).toEqual([
            logicalId,
            expect.stringMatching(/^(Retain|Delete)$/),
          ]);
          // None refers to what an import cannot have: what the gate says of the whole template holds of these.
          expect([logicalId, Properties]).toEqual([logicalId, template.Resources[logicalId]?.Properties]);
        }
      }
    });
  });

  describe('over a stubbed wire, a stage', () => {
    let stage: StubbedStage;
    beforeAll(async () => {
      stage = await startStubbedStage(folder);
    });
    afterAll(() => stage.stop());

    test('is deployed, removed, deployed again on its data, and removed with its data', async () => {
      const data = ['AWS::DynamoDB::Table', 'AWS::S3::Bucket', 'AWS::Cognito::UserPool', 'AWS::IoT::Policy'];
      const dataOf = () =>
        data
          .flatMap((type) => stage.has(type))
          .filter((id) => !/deploymentbucket|presence/.test(id))
          .sort();
      const order = ORDER.map(nameOf);
      const { UserPoolId } = await stage.deploy();
      const deployed = dataOf();
      expect(Object.keys(stage.statuses())).toEqual(order);
      const { kept } = await stage.remove(false, order.toReversed());
      expect(stage.statuses()).toEqual({});
      expect(dataOf()).toEqual(deployed);
      expect(kept.map((one) => one.split(' ')[1]).sort()).toEqual(deployed);
      const again = await stage.deploy();
      expect(Object.values(stage.statuses())).toEqual(order.map(() => 'UPDATE_COMPLETE'));
      expect([again.UserPoolId, dataOf()]).toEqual([UserPoolId, deployed]);
      expect(await stage.remove(true, order.toReversed())).toMatchObject({ left: [] });
      expect(stage.stub.account.resources).toEqual([]);
    }, 300_000);
  });
}
