import { describe, expect, test } from '@jest/globals';
import * as z from 'zod';
import { CONTRACTS } from '#shared/contracts/catalogue.ts';
import type { Contract } from '#shared/contracts/contract.ts';
import { Offer } from '#shared/contracts/device/offer.ts';
import { PermitRequest } from '#shared/contracts/device/permit.ts';
import { breaksSince, partOf } from './committed.ts';
import { tellBreaks } from './tell-breaks.ts';

function contract(name: string): Contract {
  const found = CONTRACTS.find((one) => one.name === name);
  if (found === undefined) throw new Error(`there is no contract ${name}`);
  return found;
}

/** What is told when the schema of a contract becomes that one. */
function told(name: string, schema: z.ZodType): string {
  const before = contract(name);
  const after = { ...before, schema };
  return tellBreaks(after, breaksSince(partOf(before), after));
}

describe('whoever breaks a contract is told', () => {
  test('whose messages would be refused, where, and what to do', () => {
    const schema = PermitRequest.extend({ battery: z.number() });
    expect(told('device/permit-request', schema)).toBe(
      [
        'device/permit-request v1 breaks devices in the field: what they send would be refused or not heard by rollout-orchestrator',
        '  battery: today: must be there',
        'Leave v1 as it is and put v2 beside it (docs/contracts.md), or, while nobody speaks it yet,',
        'accept the break by name: npm run contracts -- --accept device/permit-request',
      ].join('\n'),
    );
  });

  test('who could not read what we send', () => {
    expect(told('device/offer', Offer.omit({ manifest: true }))).toMatch(
      /breaks devices in the field: they could not read, or would miss, what rollout-orchestrator sends\n {2}manifest: is gone/,
    );
  });

  test('which services are not deployed at the same moment', () => {
    const { schema } = contract('event/device-changed');
    const narrowed = (schema as z.ZodObject).extend({ product: z.string().max(8) });
    expect(told('event/device-changed', narrowed)).toMatch(
      /breaks rollout-orchestrator: .*as device-registry/,
    );
  });

  test('that an example is another one than others go by', () => {
    const before = contract('device/ack');
    const after = {
      ...before,
      examples: { usual: { v: 1, attempt: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5F', ackSeq: 5 } },
    };
    expect(tellBreaks(after, breaksSince(partOf(before), after))).toMatch(/the example usual is another one/);
  });
});
