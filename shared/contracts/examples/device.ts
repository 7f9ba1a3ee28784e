import type { CheckRequest } from '../device/check.ts';
import type { Offer, RetryAfter } from '../device/offer.ts';
import type { PermitAnswer, PermitRequest } from '../device/permit.ts';
import type { Ack, Inventory, Refused, Report } from '../device/report.ts';
import type { RuleEvent } from '../device/rule-event.ts';

const rollout = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
const attempt = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5F';
const bootId = 'b7e1c0d2f3';
const nonce = 'k3J9x2Qa';
const digest = 'b'.repeat(64);
type Examples<Message> = Readonly<Record<string, Message>>;

/** What a device says when it asks whether there is something for it. */
export const CHECK: Examples<CheckRequest> = {
  smallest: {
    v: 1,
    nonce,
    hardware: 'cam-rev-b',
    components: { main: { version: '2.0.0' } },
    bootId,
    confirmed: true,
  },
  full: {
    v: 1,
    nonce,
    product: 'cam',
    hardware: 'cam-rev-b',
    components: { main: { version: '2.1.0', digest }, modem: { version: 'R11-04' } },
    bootId,
    confirmed: false,
    last: { rollout, attempt, state: 'rebooting', seq: 4 },
    backWithin: 86_400,
    capabilities: ['range', 'blocks'],
  },
  inTrouble: {
    v: 1,
    nonce,
    hardware: 'cam-rev-b',
    components: { main: { version: '2.0.0' } },
    bootId,
    confirmed: true,
    trouble: { rollout, what: 'mismatch', times: 3 },
  },
  asking: {
    v: 1,
    nonce,
    hardware: 'cam-rev-b',
    components: { main: { version: '2.0.0' } },
    bootId,
    confirmed: true,
    begins: 3,
    within: 300,
  },
};

/** What it says when it wants to install. */
export const PERMIT_REQUEST: Examples<PermitRequest> = {
  usual: { v: 1, nonce, rollout, release: 'cam/2.1.0', hardware: 'cam-rev-b', from: '2.0.0', bootId },
  begins: {
    v: 1,
    nonce,
    rollout,
    release: 'cam/2.1.0',
    hardware: 'cam-rev-b',
    from: '2.0.0',
    bootId,
    begins: 2,
  },
  quiet: {
    v: 1,
    nonce,
    rollout,
    release: 'cam/2.1.0',
    hardware: 'cam-rev-b',
    from: '2.0.0',
    bootId,
    begins: 2,
    within: 60,
  },
};

/** What it says of its attempt. */
export const REPORT: Examples<Report> = {
  begins: {
    v: 1,
    rollout,
    attempt,
    hardware: 'cam-rev-b',
    target: '2.1.0',
    bootId,
    events: [{ seq: 1, state: 'installing', uptimeMs: 81_000 }],
  },
  leaves: {
    v: 1,
    rollout,
    attempt,
    hardware: 'cam-rev-b',
    target: '2.1.0',
    bootId,
    events: [{ seq: 2, state: 'rebooting', uptimeMs: 99_000 }],
    leaving: true,
  },
  packed: {
    v: 1,
    rollout,
    attempt,
    hardware: 'cam-rev-b',
    target: '2.1.0',
    bootId: 'c8f2d1e3a4',
    events: [
      { seq: 1, state: 'installing', uptimeMs: 81_000, bootId },
      { seq: 2, state: 'progress', uptimeMs: 90_000, bootId },
      { seq: 3, state: 'interrupted', uptimeMs: 95_000, bootId },
      { seq: 4, state: 'rebooting', uptimeMs: 99_000, bootId },
      { seq: 5, state: 'claimed', uptimeMs: 4_000 },
      { seq: 6, state: 'failed', uptimeMs: 5_000, reason: 'flash-write', detail: 'sector 12' },
    ],
    backWithin: 3_600,
  },
};

/** What it says of itself beside updates. */
export const INVENTORY: Examples<Inventory> = {
  none: { v: 1, attributes: {} },
  each: { v: 1, attributes: { region: 'eu', slots: 2, rooted: false } },
};

/** Answers to a check. */
export const OFFER: Examples<Offer | RetryAfter> = {
  release: {
    v: 1,
    nonce,
    rollout,
    release: 'cam/2.1.0',
    version: '2.1.0',
    sequence: 7,
    manifest: 'eyJ2IjoxfQ==',
    signature: { keyId: 'a'.repeat(64), value: 'c2lnbmF0dXJl' },
    artifact: { sha256: digest, sizeBytes: 20_971_520, url: 'https://firmware.example/artifacts/b' },
    expiresAtMs: 1_780_000_900_000,
  },
  later: { v: 1, nonce, retryAfter: 3_600 },
};

/** Answers to a request for a permit. */
export const PERMIT_ANSWER: Examples<PermitAnswer> = {
  granted: { v: 1, nonce, rollout, answer: 'granted', attempt, seconds: 600 },
  atOnce: {
    v: 1,
    nonce,
    rollout,
    answer: 'granted',
    attempt,
    seconds: 300,
    offer: {
      release: 'cam/2.1.0',
      version: '2.1.0',
      sequence: 7,
      manifest: 'eyJ2IjoxfQ==',
      signature: { keyId: 'a'.repeat(64), value: 'c2lnbmF0dXJl' },
      artifact: { sha256: digest, sizeBytes: 20_971_520, url: 'https://firmware.example/artifacts/b' },
      expiresAtMs: 1_780_000_900_000,
    },
  },
  wait: { v: 1, nonce, rollout, answer: 'wait', retryAfter: 30 },
  refused: { v: 1, nonce, rollout, answer: 'withdrawn', why: 'the rollout was halted' },
  takenBack: { v: 1, rollout, attempt, answer: 'withdrawn', why: 'the release was revoked' },
};

/** The answer to a report. */
export const ACK: Examples<Ack> = { usual: { v: 1, attempt, ackSeq: 4 } };

/** The answer to what breaks a rule. */
export const REFUSED: Examples<Refused> = {
  request: { v: 1, message: 'permit', nonce, field: 'hardware', rule: 'must be the hardware of the device' },
  report: { v: 1, message: 'report', field: 'events.0.seq', rule: 'must be at least 1' },
  reportOfAnAttempt: {
    v: 1,
    message: 'report',
    attempt,
    field: 'attempt',
    rule: 'must be an attempt that was granted to this device',
  },
};

/** Any of these as it reaches a function through an IoT rule. */
export const RULE_EVENT: Examples<RuleEvent> = {
  report: {
    payload: Buffer.from(JSON.stringify(REPORT.begins)).toString('base64'),
    thing: 'acme:cam-0001',
    client: 'acme:cam-0001',
    certificate: 'f'.repeat(64),
    at: 1_780_000_000_000,
  },
  sighting: {
    payload: Buffer.from(JSON.stringify(CHECK.full)).toString('base64'),
    thing: 'acme:cam-0001',
    client: 'acme:cam-0001',
    certificate: 'f'.repeat(64),
    at: 1_780_000_000_000,
    forwarded: true,
  },
};
