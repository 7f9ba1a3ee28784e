import { describe, expect, test } from '@jest/globals';
import { realWorld } from '#shared/world/real-world.ts';
import { verifiedAudit } from '../../../cli/actions/audit.ts';
import { type AuditSource, auditOfDevice, auditOfProduct } from '../../../cli/actions/audit-sources.ts';
import type { ApiClient } from '../../../cli/api-client.ts';
import { PRODUCT } from '../story/maker.ts';
import { until, WITHIN_MS } from '../story/until.ts';
import type { Parts } from './parts.ts';

const LOGS: readonly (readonly [
  what: string,
  open: (client: ApiClient) => Promise<AuditSource>,
  actions: readonly string[],
])[] = [
  ['a device', (client) => auditOfDevice(client, 'bare-1'), ['register', 'tag']],
  [
    'a product and its releases',
    async (client) => auditOfProduct(client, PRODUCT),
    [
      'create-product',
      'add-signing-key',
      'create-release',
      'release-verified',
      'release-published',
      'release-revoked',
    ],
  ],
];

/** Logs of those services whose decisions the story makes anyway; that of rollouts is held against its seals where they are told. */
export function describeAudit({ maker }: Parts): void {
  describe('the audit log', () => {
    test.each(LOGS)(
      'of %s has every decision, sealed with the key of KMS of its service',
      async (_what, open, actions) => {
        const source = await open(maker().client);
        const audit = () => verifiedAudit(source, [], realWorld.now());
        await until('all of it is sealed', async () => (await audit()).verdict.waiting === 0);
        const { texts, verdict } = await audit();
        expect(texts.map((text) => JSON.parse(text).action)).toEqual(expect.arrayContaining([...actions]));
        expect(verdict).toMatchObject({ sealed: texts.length, faults: [] });
      },
      WITHIN_MS,
    );
  });
}
