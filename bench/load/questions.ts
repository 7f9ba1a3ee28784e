import { setTimeout as pause } from 'node:timers/promises';
import type { CheckRequest } from '#shared/contracts/device/check.ts';
import type { PermitRequest } from '#shared/contracts/device/permit.ts';
import { type PermitAnswer, PermitAnswer as PermitAnswerSchema } from '#shared/contracts/device/permit.ts';
import type { Report, ReportEvent } from '#shared/contracts/device/report.ts';
import { FROM_VERSION, HARDWARE } from '../setup/bench-product.ts';
import { RELEASE } from '../setup/launched-rollout.ts';
import type { LoadDevice } from './load-device.ts';

/** One boot for all: nothing that a device says here is news after its first check. */
const BOOT = 'bench-boot';
const HOUR_SECONDS = 3_600;
const OFFERED_WITHIN_MS = 30_000;
const CHECK_AGAIN_MS = 250;
/** A check while nothing is offered has no answer. */
const ANSWER_WITHIN_MS = 1_000;
let asked = 0;
const nextNonce = (): string => `bench-${String(++asked).padStart(12, '0')}`;

/** Sends a check that must be answered with an offer. Throws when it is answered with anything else, or not in time. */
export async function offeredCheck(device: LoadDevice, withinMs?: number): Promise<void> {
  const nonce = nextNonce();
  const { topic, payload } = await device.ask('check', checkText(nonce, HARDWARE), nonce, withinMs);
  if (!topic.endsWith('/offer') || !payload.includes('"artifact"')) {
    throw new Error(`${device.thing} was offered nothing: ${payload.toString()}`);
  }
}

/** Sends a check that is refused, because it names another hardware than was registered: answered although there is no rollout. */
export async function refusedCheck(device: LoadDevice): Promise<void> {
  const hardware = 'another-hardware';
  // A refusal holds no nonce, but it names what it refuses.
  const { topic, payload } = await device.ask('check', checkText(nextNonce(), hardware), hardware);
  if (!topic.endsWith('/refused')) throw new Error(`${device.thing} was not refused: ${payload.toString()}`);
}

/**
 * Checks until a release is offered: a rollout opens its offers a moment after its launch. Throws when that does not happen soon,
 * because figures would then be of something else.
 */
export async function untilOffered(device: LoadDevice): Promise<void> {
  for (const untilMs = performance.now() + OFFERED_WITHIN_MS; ; ) {
    try {
      return await offeredCheck(device, ANSWER_WITHIN_MS);
    } catch (error) {
      if (performance.now() > untilMs) throw error;
    }
    await pause(CHECK_AGAIN_MS);
  }
}

/** Sends a check that nothing answers, and waits for its PUBACK. */
export function idleCheck(device: LoadDevice): Promise<void> {
  return device.tell('check', checkText(nextNonce(), HARDWARE));
}

function checkText(nonce: string, hardware: string): string {
  const body: CheckRequest = {
    v: 1,
    nonce,
    hardware,
    bootId: BOOT,
    confirmed: true,
    backWithin: HOUR_SECONDS,
    components: { main: { version: FROM_VERSION } },
  };
  return JSON.stringify(body);
}

/** Asks for a permit that its install begins with; answers the attempt that it is granted for. Throws when it is told anything else. */
export async function requestPermit(device: LoadDevice, rollout: string): Promise<string> {
  const nonce = nextNonce();
  const body: PermitRequest = {
    v: 1,
    nonce,
    rollout,
    release: RELEASE,
    hardware: HARDWARE,
    from: FROM_VERSION,
    bootId: BOOT,
    // Rises from one question of a device to the next.
    begins: asked,
  };
  const { payload } = await device.ask('permit', JSON.stringify(body), nonce);
  const answer: PermitAnswer = PermitAnswerSchema.parse(JSON.parse(payload.toString()));
  if (answer.answer === 'granted') return answer.attempt;
  throw new Error(`${device.thing} asked for a permit and was told: ${payload.toString()}`);
}

/** Reports one event of an attempt and waits until it is acknowledged. */
export async function report(
  device: LoadDevice,
  rollout: string,
  attempt: string,
  event: ReportEvent,
): Promise<void> {
  const body: Report = {
    v: 1,
    rollout,
    attempt,
    hardware: HARDWARE,
    target: RELEASE.slice(RELEASE.indexOf('/') + 1),
    bootId: BOOT,
    events: [event],
    backWithin: HOUR_SECONDS,
  };
  const { topic, payload } = await device.ask('report', JSON.stringify(body), attempt);
  if (!topic.endsWith('/ack')) throw new Error(`${device.thing} was not acknowledged: ${payload.toString()}`);
}
