import { RefusedError, WrongStateError } from '#shared/errors/errors.ts';
import {
  ALLOWED,
  type CommandKind,
  type Excuse,
  LEADS_TO,
  type OverLine,
  type RolloutCommand,
  type RolloutLife,
} from './commands.ts';

/** What people call what they can do; halting and completing are not theirs. */
const PEOPLE_SAY: Readonly<Partial<Record<CommandKind, string>>> = {
  launch: 'launch',
  pause: 'pause',
  resume: 'resume',
  abort: 'abort',
  'open-stage': 'advance',
};

/**
 * What a rollout of `stages` stages becomes by a command.
 *
 * Throws `WrongStateError` that names the state and what it allows, the approvals that are missing, or why a halting line is not
 * passed; `RefusedError` for an excuse that is missing or out of place.
 */
export function changeRollout(life: RolloutLife, command: RolloutCommand, stages: number): RolloutLife {
  refuseWrongState(life, command);
  switch (command.kind) {
    case 'launch':
      refuseUnapproved(command.approvalsMissing);
      return { state: LEADS_TO.launch, stage: life.stage };
    case 'complete':
      refuseOverLine(command.overLine, 'complete');
      return { state: LEADS_TO[command.kind], stage: life.stage };
    case 'pause':
    case 'halt':
    case 'abort':
      return { state: LEADS_TO[command.kind], stage: life.stage, reason: command.reason };
    case 'resume':
      refuseExcuse(life, command.excuse);
      refuseOverLine(
        command.overLine,
        'resume',
        '; excuse whatever else is not the fault of the release, or abort it',
      );
      return { state: 'running', stage: life.stage };
    case 'open-stage':
      if (life.stage + 1 >= stages) throw new WrongStateError('rollout', 'its last stage is open already');
      refuseOverLine(command.overLine, 'open the next stage');
      return { state: 'running', stage: life.stage + 1 };
  }
}

/** Whether the command is in place now, the halting lines aside. */
export function isAllowed(life: RolloutLife, kind: RolloutCommand['kind']): boolean {
  return ALLOWED[life.state].includes(kind);
}

function refuseWrongState(life: RolloutLife, { kind }: RolloutCommand): void {
  if (isAllowed(life, kind)) return;
  const allowed = ALLOWED[life.state].flatMap((one) => PEOPLE_SAY[one] ?? []);
  const instead = allowed.length === 0 ? 'which is final' : `which allows ${allowed.join(', ')}`;
  // Who comes second with the same command learns why the first one gave it, which may not be for the same reason.
  const why = life.reason === undefined ? '' : ` (${life.reason})`;
  throw new WrongStateError(
    'rollout',
    `cannot ${PEOPLE_SAY[kind] ?? kind}: it is ${life.state}${why}, ${instead}`,
  );
}

function refuseUnapproved(missing: number): void {
  if (missing === 0) return;
  const approvals =
    missing === 1 ? '1 approval of its document is' : `${missing} approvals of its document are`;
  throw new WrongStateError('rollout', `cannot launch: ${approvals} missing`);
}

function refuseExcuse(life: RolloutLife, excuse: Excuse | undefined): void {
  const excuses = (excuse?.devices.length ?? 0) + (excuse?.reasons.length ?? 0);
  if (life.state === 'halted' && excuses === 0) {
    throw new RefusedError(
      'excuse',
      'must name the devices or reasons that are not the fault of the release',
    );
  }
  if (life.state !== 'halted' && excuse !== undefined) {
    throw new RefusedError('excuse', 'is only for a halted rollout');
  }
}

function refuseOverLine(overLine: OverLine, what: string, advice = ''): void {
  if (overLine === false) return;
  throw new WrongStateError(
    'rollout',
    `cannot ${what}: its evidence is over a halting line: ${overLine}${advice}`,
  );
}
