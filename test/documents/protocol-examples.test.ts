import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type * as z from 'zod';
import { CheckRequest } from '#shared/contracts/device/check.ts';
import { Offer } from '#shared/contracts/device/offer.ts';
import { PermitAnswer, PermitRequest } from '#shared/contracts/device/permit.ts';
import { Ack, Inventory, Refused, Report } from '#shared/contracts/device/report.ts';
import { Manifest } from '#shared/contracts/manifest.ts';

const PAGE = readFileSync(path.resolve(import.meta.dirname, '../../docs/protocol.md'), 'utf8');
const ULID = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5A';
const DIGEST = 'a'.repeat(64);

/** What stands for a real value in the examples. */
const PLACEHOLDERS: readonly (readonly [string, string])[] = [
  ['01K...', ULID],
  ['"ROLLOUT"', `"${ULID}"`],
  ['"ATTEMPT"', `"${ULID}"`],
  ['<base64>', 'e30='],
  ['<sha256>', DIGEST],
  ['<hex>', DIGEST],
];

/** Every JSON object that the page shows as a whole message. */
function examples(): Record<string, unknown>[] {
  const blocks = [...PAGE.matchAll(/```json\n([\s\S]*?)```/g)].map((match) => match[1] ?? '');
  const commands = [...PAGE.matchAll(/-m '(\{.*\})'/g)].map((match) => match[1] ?? '');
  return [...blocks, ...commands].map((text) =>
    JSON.parse(PLACEHOLDERS.reduce((filled, [from, to]) => filled.replaceAll(from, to), text)),
  );
}

function schemaOf(example: Record<string, unknown>): z.ZodType {
  if ('components' in example) return CheckRequest;
  if ('manifest' in example) return Offer;
  if ('events' in example) return Report;
  if ('artifacts' in example) return Manifest;
  if ('ackSeq' in example) return Ack;
  if ('attributes' in example) return Inventory;
  if ('rule' in example) return Refused;
  return PermitRequest;
}

describe('the protocol page', () => {
  test('shows each kind of message, twice those that a stock client sends', () => {
    const down: z.ZodType[] = [Refused, Offer, Manifest, Ack];
    const up: z.ZodType[] = [
      CheckRequest,
      PermitRequest,
      Report,
      Inventory,
      CheckRequest,
      PermitRequest,
      Report,
    ];
    const kinds = examples().map(schemaOf);
    expect(kinds.filter((kind) => !up.includes(kind))).toEqual(down);
    expect(kinds.filter((kind) => up.includes(kind))).toEqual(up);
  });

  test.each(examples().map((example) => [JSON.stringify(example).slice(0, 60), example] as const))(
    'shows a message that the code takes: %s',
    (_text, example) => {
      expect(schemaOf(example).safeParse(example)).toMatchObject({ success: true });
    },
  );

  test('has a row for every field of a check, but for its version', () => {
    const section = PAGE.split('\n## Check\n')[1]?.split('\n## ')[0] ?? '';
    const rows = [...section.matchAll(/^\| `(\w+)` +\|/gm)].map((match) => match[1] ?? '');
    expect(['v', ...rows].sort()).toEqual(Object.keys(CheckRequest.shape).sort());
  });

  test.each(['granted', 'wait', 'withdrawn'])('shows a permit answer %s that the code can give', (answer) => {
    const shown = [...PAGE.matchAll(/`(\{"answer":[^`]*\})`/g)].map((match) =>
      JSON.parse((match[1] ?? '').replaceAll('01K...', ULID)),
    );
    const example = shown.find((one) => one.answer === answer);
    expect(PermitAnswer.safeParse({ v: 1, nonce: 'nonce-0001', rollout: ULID, ...example }).success).toBe(
      true,
    );
  });
});
