import { describe, expect, test } from '@jest/globals';
import { balanceRights, type GivenRight } from './rights-ledger.ts';
import type { WrittenReason } from './written-reasons.ts';

const READ: GivenRight = { owner: 'greenhouse/openWindow', right: 'dynamodb:GetItem on plans' };
const WRITE: GivenRight = { owner: 'greenhouse/openWindow', right: 'dynamodb:PutItem on plans' };
const LOG: GivenRight = { owner: 'greenhouse/openWindow', right: 'logs:PutLogEvents on log' };
const LOGGING: WrittenReason = {
  owners: 'greenhouse/[A-Za-z]+',
  rights: 'logs:.*',
  reason: 'Lambda itself writes.',
};

describe('a ledger of rights', () => {
  test('balances where each right is used, or has a reason', () => {
    expect(balanceRights([READ, WRITE], [LOG], [LOGGING])).toEqual({
      used: [READ, WRITE],
      unused: [{ ...LOG, reason: 'Lambda itself writes.' }],
      unexplained: [],
      idleReasons: [],
    });
  });

  test('shows a right that nobody used and nobody explained', () => {
    const { unexplained, idleReasons } = balanceRights([READ], [WRITE, LOG], [LOGGING]);
    expect(unexplained).toEqual(['greenhouse/openWindow: dynamodb:PutItem on plans']);
    expect(idleReasons).toEqual([]);
  });

  test('shows a reason whose right is used after all', () => {
    const { unexplained, idleReasons } = balanceRights([READ, WRITE, LOG], [], [LOGGING]);
    expect(unexplained).toEqual([]);
    expect(idleReasons).toEqual([
      'is used: greenhouse/openWindow: logs:PutLogEvents on log (Lambda itself writes.)',
    ]);
  });

  test('lets a reason stand whose right chance may need, used or not, but not where it is given by nothing', () => {
    const reason = { ...LOGGING, mayBeUsed: true } as const;
    expect(balanceRights([LOG], [], [reason]).idleReasons).toEqual([]);
    expect(balanceRights([], [LOG], [reason])).toMatchObject({ unexplained: [], idleReasons: [] });
    expect(balanceRights([READ], [], [reason]).idleReasons).toHaveLength(1);
  });

  test('shows a reason whose right is given by nothing any more', () => {
    expect(balanceRights([READ], [], [LOGGING]).idleReasons).toEqual([
      'is given by nothing: Lambda itself writes.',
    ]);
  });

  test('takes a reason for the whole name of owner and right, and for nothing that only begins alike', () => {
    const other = { owner: 'greenhouse/openWindow/roof', right: LOG.right };
    const longer = { owner: LOG.owner, right: 'xlogs:PutLogEvents on log' };
    expect(balanceRights([], [other, longer, LOG], [LOGGING]).unexplained).toEqual([
      'greenhouse/openWindow/roof: logs:PutLogEvents on log',
      'greenhouse/openWindow: xlogs:PutLogEvents on log',
    ]);
  });
});
