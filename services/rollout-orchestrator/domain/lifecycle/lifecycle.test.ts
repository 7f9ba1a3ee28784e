import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { AUTOMATIC, operator } from '#shared/contracts/actor.ts';
import { RolloutChanged, RolloutState } from '#shared/contracts/events/rollout-events.ts';
import { EvenkeelError, RefusedError, WrongStateError } from '#shared/errors/errors.ts';
import { documentWith } from '../document/testing/document-with.ts';
import { changeRollout, isAllowed } from './change-rollout.ts';
import type { CommandKind, OverLine, RolloutCommand, RolloutLife } from './commands.ts';
import { recordChange } from './record-change.ts';

const STAGES = 3;
const excuse = { devices: ['cam-0001'], reasons: [] };

const commands: Readonly<Record<CommandKind, RolloutCommand>> = {
  launch: { kind: 'launch', approvalsMissing: 0 },
  pause: { kind: 'pause', reason: 'lunch' },
  resume: { kind: 'resume', reason: 'back', overLine: false },
  halt: { kind: 'halt', reason: '2 of 10 bad' },
  abort: { kind: 'abort', reason: 'wrong release' },
  'open-stage': { kind: 'open-stage', reason: 'trust me', overLine: false },
  complete: { kind: 'complete', reason: 'settled', overLine: false },
};
// The keys of a record are its keys.
const KINDS = Object.keys(commands) as CommandKind[];
const in_ = (state: RolloutState, stage = 0): RolloutLife => ({ state, stage });
const change = (life: RolloutLife, command: RolloutCommand): RolloutLife =>
  changeRollout(life, command, STAGES);
const refusal = (life: RolloutLife, command: RolloutCommand): Error => {
  try {
    change(life, command);
  } catch (error) {
    if (error instanceof EvenkeelError) return error;
    throw error;
  }
  throw new Error('was not refused');
};

describe('the life of a rollout', () => {
  test('goes from draft to completed', () => {
    const launched = change(in_('draft'), commands.launch);
    const second = change(launched, commands['open-stage']);
    const third = change(second, commands['open-stage']);
    expect([launched, second, third]).toEqual([in_('running', 0), in_('running', 1), in_('running', 2)]);
    expect(change(third, commands.complete)).toEqual(in_('completed', 2));
  });

  test('keeps its stage through a pause, says why, and forgets that when it goes on', () => {
    const paused = change(in_('running', 1), commands.pause);
    expect(paused).toEqual({ state: 'paused', stage: 1, reason: 'lunch' });
    expect(change(paused, commands.resume)).toEqual(in_('running', 1));
  });

  test('is halted from running, and from a pause in which installs that began went wrong', () => {
    const halted = { state: 'halted', stage: 1, reason: '2 of 10 bad' };
    expect(change(in_('running', 1), commands.halt)).toEqual(halted);
    expect(change(in_('paused', 1), commands.halt)).toEqual(halted);
  });

  test.each(['draft', 'running', 'paused', 'halted'] as const)('can be aborted while it is %s', (state) => {
    expect(change(in_(state, 1), commands.abort)).toEqual({
      state: 'aborted',
      stage: 1,
      reason: 'wrong release',
    });
  });

  test('allows in each state exactly what the agreement says', () => {
    const allowed = RolloutState.options.map((state) => [
      state,
      ...KINDS.filter((kind) => isAllowed(in_(state), kind)),
    ]);
    expect(allowed).toEqual([
      ['draft', 'launch', 'abort'],
      ['running', 'pause', 'halt', 'abort', 'open-stage', 'complete'],
      ['paused', 'resume', 'halt', 'abort'],
      ['halted', 'resume', 'abort'],
      ['aborted'],
      ['completed'],
    ]);
  });

  test('does not begin before its document is approved', () => {
    expect(refusal(in_('draft'), { kind: 'launch', approvalsMissing: 1 })).toEqual(
      new WrongStateError('rollout', 'cannot launch: 1 approval of its document is missing'),
    );
    expect(refusal(in_('draft'), { kind: 'launch', approvalsMissing: 3 }).message).toContain(
      '3 approvals of its document are missing',
    );
  });

  test('opens no stage after the last', () => {
    expect(refusal(in_('running', STAGES - 1), commands['open-stage'])).toEqual(
      new WrongStateError('rollout', 'its last stage is open already'),
    );
  });

  test('says its state and what that allows to what is out of place', () => {
    expect(refusal(in_('halted'), commands['open-stage'])).toEqual(
      new WrongStateError('rollout', 'cannot advance: it is halted, which allows resume, abort'),
    );
    expect(refusal(in_('completed'), commands.abort)).toEqual(
      new WrongStateError('rollout', 'cannot abort: it is completed, which is final'),
    );
    expect(refusal({ ...in_('paused'), reason: 'smoke in hall 3' }, commands.pause)).toEqual(
      new WrongStateError(
        'rollout',
        'cannot pause: it is paused (smoke in hall 3), which allows resume, abort',
      ),
    );
  });
});

describe('a halting line', () => {
  test('is passed after a halt only with an excuse', () => {
    const rule = 'must name the devices or reasons that are not the fault of the release';
    const none = {
      kind: 'resume',
      reason: 'x',
      excuse: { devices: [], reasons: [] },
      overLine: false,
    } as const;
    expect(refusal(in_('halted'), commands.resume)).toEqual(new RefusedError('excuse', rule));
    expect(refusal(in_('halted'), none)).toEqual(new RefusedError('excuse', rule));
    expect(change(in_('halted', 1), { ...none, excuse })).toEqual(in_('running', 1));
    expect(change(in_('halted', 1), { ...none, excuse: { devices: [], reasons: ['rig'] } })).toEqual(
      in_('running', 1),
    );
  });

  test('is not passed while the evidence is over it, by nobody', () => {
    const overLine = 'all cohorts together: 2 of 10 bad';
    const rule = `its evidence is over a halting line: ${overLine}`;
    const resume = { kind: 'resume', reason: 'x', overLine } as const;
    expect(refusal(in_('halted'), { ...resume, excuse }).message).toContain(rule);
    expect(refusal(in_('paused'), resume).message).toContain(rule);
    for (const kind of ['open-stage', 'complete'] as const) {
      expect(refusal(in_('running'), { kind, reason: 'x', overLine }).message).toContain(rule);
    }
  });

  test('needs no excuse where there was no halt, and takes none', () => {
    expect(refusal(in_('paused'), { kind: 'resume', reason: 'x', excuse, overLine: false })).toEqual(
      new RefusedError('excuse', 'is only for a halted rollout'),
    );
  });
});

describe('any life', () => {
  const kinds = fc.constantFrom(...KINDS);
  const command = fc
    .tuple(kinds, fc.constantFrom<OverLine[]>('2 of 10 bad', false), fc.boolean())
    .map(([kind, overLine, excused]): RolloutCommand => {
      const plain = commands[kind];
      if (plain.kind === 'resume') return excused ? { ...plain, overLine, excuse } : { ...plain, overLine };
      return 'overLine' in plain ? { ...plain, overLine } : plain;
    });

  test('never leaves a final state, a stage it has opened, or its document', () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 40 }), (all) => {
        let life = in_('draft');
        for (const one of all) {
          let next = life;
          try {
            next = change(life, one);
          } catch (error) {
            if (!(error instanceof RefusedError)) throw error;
          }
          if (life.state === 'aborted' || life.state === 'completed') expect(next).toBe(life);
          if (life.state === 'halted' && next.state === 'running') {
            expect(one).toMatchObject({ kind: 'resume', excuse, overLine: false });
          }
          expect(next.stage === life.stage || next.stage === life.stage + 1).toBe(true);
          expect(next.stage).toBeLessThan(STAGES);
          expect(next.reason !== undefined).toBe(['paused', 'halted', 'aborted'].includes(next.state));
          life = next;
        }
      }),
    );
  });
});

describe('the record of a change', () => {
  const { stages } = documentWith({
    stages: [
      { name: 'canary', count: 10 },
      { name: 'all', percent: 100 },
    ],
  });
  const context = {
    id: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5C',
    atMs: 1_780_000_000_000,
    actor: operator('ada'),
    tenant: 'acme',
    rollout: '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D',
    release: 'cam/2.1.0',
    stages,
  };

  test('says who did what, why, from what to what, and what was excused', () => {
    const before = { state: 'halted', stage: 1, reason: '2 of 10 bad' } as const;
    const resume = { kind: 'resume', reason: 'bad rig', excuse, overLine: false } as const;
    const { audit, event } = recordChange(before, in_('running', 1), resume, context);
    expect(audit).toEqual({
      id: context.id,
      atMs: context.atMs,
      actor: 'operator:ada',
      action: 'resume',
      tenant: 'acme',
      about: context.rollout,
      reason: 'bad rig',
      excuse,
      before,
      after: in_('running', 1),
    });
    expect(event).toEqual({
      id: context.id,
      v: 1,
      tenant: 'acme',
      atMs: context.atMs,
      rollout: context.rollout,
      release: 'cam/2.1.0',
      change: 'resumed',
      state: 'running',
      stage: 'all',
      actor: 'operator:ada',
      reason: 'bad rig',
    });
  });

  test.each(Object.values(commands))('of $kind keeps to the contract of the event', (command) => {
    const after = in_('running');
    const { event } = recordChange(in_('draft'), after, command, { ...context, actor: AUTOMATIC });
    expect(RolloutChanged.detail.parse(event)).toEqual(event);
  });

  test('keeps to the contract with the longest of reasons and names', () => {
    const halt = { kind: 'halt', reason: 'x'.repeat(5000) } as const;
    const { event } = recordChange(in_('running'), in_('halted'), halt, {
      ...context,
      actor: operator('y'.repeat(200)),
    });
    expect(RolloutChanged.detail.parse(event)).toEqual(event);
  });
});
