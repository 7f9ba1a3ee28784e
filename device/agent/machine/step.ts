import type { RunningImage } from '../image.ts';
import type { Kept } from '../kept.ts';
import { forgetSaid, keepLeft, report, sendReport } from './attempt.ts';
import { checkDue, checkSent, hearHint, mayHaveMissedPermit, PROOFS, sendCheck } from './check.ts';
import { hearAnswer } from './direct.ts';
import {
  confirmed,
  hearAck,
  hearRefused,
  installed,
  installFailed,
  installLate,
  reboot,
  reportSent,
  selfTestFailed,
  settleImage,
} from './install.ts';
import { downloadDue, downloaded, downloadFailed, hearOffer } from './offer.ts';
import { askPermit, permitUnsent } from './permit.ts';
import type { AgentState, Effect, Heard, Input, Said, TimerName } from './state.ts';
import { recallTrouble } from './trouble.ts';
import { type Surroundings, Turn } from './turn.ts';

/** What became of a device, and what it has to do now. */
export interface Step {
  readonly state: AgentState;
  readonly effects: readonly Effect[];
}

/**
 * A boot: what was left open is settled, what is unacknowledged is sent again, and the device checks in at once, or after
 * its self-test where the image is on trial. A permit of the boot before is void by not being known any more.
 */
export function boot(
  kept: Kept,
  started: { readonly bootId: string; readonly image: RunningImage },
  around: Surroundings,
): Step {
  const { bootId, image } = started;
  const followsInstall = kept.attempt?.state === 'rebooting' || kept.attempt?.state === 'installing';
  const turn = new Turn(
    {
      kept,
      bootId,
      bootedMs: around.nowMs,
      image,
      phase: { at: 'idle' },
      asks: 0,
      tries: { check: 0, permit: 0, report: 0, download: 0, install: 0 },
      restUntilMs: around.nowMs,
      avoidUntilMs: around.nowMs,
      checkAtMs: around.nowMs,
      checkUnsent: true,
      proofsLeft: followsInstall ? PROOFS : 0,
    },
    around,
  );
  turn.tell({ news: 'booted', image });
  recallTrouble(turn);
  const { attempt } = kept;
  if (attempt?.state === 'installing' && attempt.sha256 !== image.digest)
    report(turn, 'interrupted', { detail: 'restarted' });
  else {
    // Power was lost, or the disk full, as it left: an image that fails from here on was tried, and its install not interrupted.
    if (attempt?.state === 'installing') keepLeft(turn, attempt);
    forgetSaid(turn);
    sendReport(turn);
  }
  settleImage(turn);
  if (image.confirmed) sendCheck(turn);
  else {
    turn.do({ do: 'self-test' });
    turn.arm('self-test', turn.settings.timing.selfTestMs);
    turn.arm('check', turn.backoffMs(0));
  }
  return { state: turn.state, effects: turn.effects };
}

/** What something that happened makes of a device. Pure: the same arguments give the same step. */
export function step(state: AgentState, input: Input, around: Surroundings): Step {
  const turn = new Turn(state, around);
  take(turn, input);
  return { state: turn.state, effects: turn.effects };
}

function take(turn: Turn, input: Input): void {
  switch (input.input) {
    case 'link-up':
      if ((turn.state.checkUnsent && turn.state.tries.check > 0) || mayHaveMissedPermit(turn)) checkDue(turn);
      sendReport(turn);
      return;
    case 'message':
      HEARD[input.kind](turn, input.body);
      return;
    case 'sent':
      if (input.kind !== 'permit') checkSent(turn, input.nonce);
      if (input.kind === 'report') reportSent(turn, input.nonce);
      return;
    case 'unsent':
      UNSENT[input.kind](turn, input.nonce);
      return;
    case 'downloaded':
      downloaded(turn, input.sha256, input.path);
      return;
    case 'download-failed':
      downloadFailed(turn, input.sha256, input.cause, input.why);
      return;
    case 'installed':
      installed(turn, input.attempt);
      return;
    case 'install-late':
      installLate(turn, input.attempt);
      return;
    case 'install-failed':
      installFailed(turn, input.attempt, input.reason, input.detail);
      return;
    case 'confirmed':
      confirmed(turn, input.image);
      return;
    case 'self-test-failed':
      selfTestFailed(turn, input.why);
      return;
    case 'timer':
      DUE[input.name](turn);
  }
}

const HEARD: Readonly<Record<Heard, (turn: Turn, body: unknown) => void>> = {
  offer: hearOffer,
  permit: hearAnswer,
  ack: hearAck,
  refused: hearRefused,
  hint: hearHint,
};

/** A check and a report have a timer that tries again; only a permit request waits longer than that. */
const nothing = (): void => undefined;
const UNSENT: Readonly<Record<Said, (turn: Turn, nonce: string) => void>> = {
  check: nothing,
  report: nothing,
  permit: permitUnsent,
};

const DUE: Readonly<Record<TimerName, (turn: Turn) => void>> = {
  check: checkDue,
  permit: askPermit,
  report: (turn) => sendReport(turn),
  download: downloadDue,
  reboot,
  'self-test': (turn) => selfTestFailed(turn, 'it did not end'),
};
