import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { RunningImage } from '../image.ts';
import { Bench, FACTORY, offer, STRANGE_KEY } from '../testing/bench.ts';
import type { Effect } from './state.ts';

/** Two releases that may be offered and one that must never be; more would only make good runs rarer. */
const RELEASES = [
  { version: '1.1.0', sequence: 4, sha256: 'a'.repeat(64) },
  { version: '1.2.0', sequence: 5, sha256: 'b'.repeat(64) },
] as const;
const FORGED = { version: '6.6.6', sequence: 66, sha256: 'e'.repeat(64), privateKey: STRANGE_KEY.privateKey };
const TOO_OLD = { version: '0.9.0', sequence: 2, sha256: 'd'.repeat(64) };
const ROLLOUTS = ['01JD0000000000000000000001', '01JD0000000000000000000003'] as const;
const ATTEMPTS: readonly [string, string] = ['01JD0000000000000000000002', '01JD0000000000000000000004'];

const pick = <T>(all: readonly T[]) => fc.constantFrom(...all);
/** Which of the last nonces an answer echoes: mostly the newest, sometimes one that is over, or none of ours. */
const echo = fc.constantFrom('newest', 'newest', 'newest', 'older', 'foreign');

const happening = fc.oneof(
  { weight: 16, arbitrary: fc.record({ what: fc.constant('forward' as const), of: pick([0, 1] as const) }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('offer' as const),
      says: pick([...RELEASES, FORGED, TOO_OLD]),
      rollout: pick(ROLLOUTS),
      echo,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('downloaded' as const),
      sha256: pick(RELEASES).map(({ sha256 }) => sha256),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      what: fc.constant('granted' as const),
      attempt: pick(ATTEMPTS),
      seconds: pick([1, 30, 600]),
      echo,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ what: fc.constant('ack' as const), attempt: pick(ATTEMPTS), ackSeq: fc.nat(6) }),
  },
  fc.record({ what: fc.constant('wait' as const), echo }),
  fc.record({ what: fc.constant('withdrawn' as const), rollout: pick(ROLLOUTS) }),
  fc.record({ what: fc.constant('refused' as const), message: pick(['check', 'permit', 'report']), echo }),
  fc.record({
    what: fc.constant('timer' as const),
    name: pick(['check', 'permit', 'report', 'download', 'reboot'] as const),
  }),
  fc.record({ what: fc.constant('time' as const), ms: pick([10, 900, 20_000, 61_000, 600_000]) }),
  fc.record({ what: fc.constant('power' as const), boots: pick(['same', 'target', 'trial'] as const) }),
  fc.record({ what: fc.constant('installed' as const), ok: fc.boolean() }),
  fc.record({
    what: fc.constant('noise' as const),
    kind: pick(['offer', 'permit', 'ack', 'refused', 'hint'] as const),
    body: fc.jsonValue(),
  }),
);
type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** What an honest observer of the wire knows: what was asked for, and the permit that is alive. */
class Observer {
  readonly bench = new Bench();
  /** The attempt that may be installed, and until when. */
  permit: { rollout: string; attempt: string; endsMs: number } | undefined;
  asked: { nonce: string; rollout: string; sentMs: number } | undefined;
  floor = 0;
  installs = 0;
  kept: unknown;
  readonly #nonces: string[] = ['nonce-of-nobody'];
  #asks = 0;

  /** Requests are counted anew in each boot. */
  boots(): void {
    this.#asks = 0;
  }

  see(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.do === 'keep') {
        expect(effect.kept.floor).toBeGreaterThanOrEqual(this.floor);
        this.floor = effect.kept.floor;
        this.kept = effect.kept;
      }
      if (effect.do === 'publish') this.#seeMessage(effect);
      if (effect.do === 'install') this.#seeInstall(effect);
    }
  }

  nonce(echoed: string): string {
    if (echoed === 'newest') return this.#nonces.at(-1) ?? '';
    return echoed === 'older' ? (this.#nonces.at(-2) ?? '') : 'nonce-of-nobody';
  }

  #seeMessage({ kind, nonce, body }: Extract<Effect, { do: 'publish' }>): void {
    if (kind !== 'report') this.#nonces.push(nonce);
    if (kind === 'permit') {
      const { begins } = body as { begins: number };
      expect(begins).toBe(this.#asks + 1);
      this.#asks = begins;
      this.asked = { nonce, rollout: (body as { rollout: string }).rollout, sentMs: this.bench.nowMs };
    }
    if (kind !== 'report') return;
    // The first check after an install goes the same way, and says nothing but what was kept.
    if ('components' in body) return;
    // Whatever is said of an attempt was kept before.
    const { attempt, events } = body as { attempt: string; events: { seq: number; state: string }[] };
    expect(this.kept).toMatchObject({ attempt: { attempt } });
    expect(events.length).toBeLessThanOrEqual(20);
  }

  #seeInstall({ job }: Extract<Effect, { do: 'install' }>): void {
    this.installs += 1;
    expect(this.permit).toMatchObject({ rollout: job.rollout });
    // A boot in between must be able to tell of it.
    expect(this.kept).toMatchObject({ attempt: { attempt: this.permit?.attempt, state: 'installing' } });
    expect(this.permit?.endsMs).toBeGreaterThan(this.bench.nowMs);
    expect(RELEASES.map(({ sha256 }) => sha256 as string)).toContain(job.sha256);
    expect(job.sequence).toBeGreaterThan(Math.max(this.floor, this.bench.state.image.sequence));
    this.permit = undefined;
  }
}

function happen(observer: Observer, event: Happening): void {
  const { bench } = observer;
  switch (event.what) {
    case 'offer': {
      const { says, rollout, echo: echoed } = event;
      observer.see(
        bench.hear(
          'offer',
          offer({
            ...says,
            rollout,
            nonce: echoed === 'newest' ? (bench.state.checkNonce ?? '') : observer.nonce(echoed),
          }),
        ),
      );
      return;
    }
    case 'downloaded':
      observer.see(
        bench.take({ input: 'downloaded', sha256: event.sha256, path: `/downloads/${event.sha256}` }),
      );
      return;
    case 'granted': {
      const { asked } = observer;
      const nonce = event.echo === 'newest' ? (asked?.nonce ?? 'none-at-all') : observer.nonce(event.echo);
      const rollout = asked?.rollout ?? ROLLOUTS[0];
      const isAnswer = asked !== undefined && nonce === asked.nonce && bench.nowMs - asked.sentMs <= 60_000;
      const endsMs = (asked?.sentMs ?? 0) + event.seconds * 1000;
      if (isAnswer && endsMs > bench.nowMs) {
        observer.permit = { rollout, attempt: event.attempt, endsMs };
        observer.asked = undefined;
      }
      observer.see(
        bench.hear('permit', {
          v: 1,
          nonce,
          rollout,
          answer: 'granted',
          attempt: event.attempt,
          seconds: event.seconds,
        }),
      );
      return;
    }
    case 'ack':
      observer.see(bench.hear('ack', { v: 1, attempt: event.attempt, ackSeq: event.ackSeq }));
      return;
    case 'wait':
      observer.see(
        bench.hear('permit', {
          v: 1,
          nonce: observer.nonce(event.echo),
          rollout: observer.asked?.rollout ?? ROLLOUTS[0],
          answer: 'wait',
          retryAfter: 9,
        }),
      );
      return;
    case 'withdrawn':
      if (observer.permit?.rollout === event.rollout) observer.permit = undefined;
      observer.see(
        bench.hear('permit', { v: 1, rollout: event.rollout, answer: 'withdrawn', why: 'halted' }),
      );
      return;
    case 'refused':
      observer.see(
        bench.hear('refused', {
          v: 1,
          message: event.message,
          nonce: observer.nonce(event.echo),
          field: 'x',
          rule: 'y',
        }),
      );
      return;
    case 'timer':
      observer.see(bench.take({ input: 'timer', name: event.name }));
      return;
    case 'time':
      bench.nowMs += event.ms;
      return;
    case 'power':
      observer.permit = undefined;
      observer.asked = undefined;
      observer.boots();
      bench.reboot(bootsTo(bench, event.boots));
      observer.see(bench.effects);
      return;
    case 'installed': {
      const { phase } = bench.state;
      if (phase.at !== 'installing') return;
      const { attempt } = phase;
      observer.see(
        bench.take(
          event.ok
            ? { input: 'installed', attempt }
            : { input: 'install-failed', attempt, reason: 'flash-write' },
        ),
      );
      return;
    }
    case 'forward': {
      const next = forward(observer, event.of);
      if (next !== undefined) happen(observer, next);
      return;
    }
    case 'noise':
      observer.see(bench.hear(event.kind, event.body));
  }
}

/** What an honest backend and sound hardware would let happen next, so that runs come far enough to go wrong. */
function forward({ bench }: Observer, of: 0 | 1): Happening | undefined {
  const { phase } = bench.state;
  switch (phase.at) {
    case 'idle':
      return { what: 'offer', says: RELEASES[of], rollout: ROLLOUTS[of], echo: 'newest' };
    case 'fetching':
      return { what: 'downloaded', sha256: phase.job.sha256 };
    case 'asking':
      return { what: 'granted', attempt: ATTEMPTS[of], seconds: 600, echo: 'newest' };
    case 'installing':
      return { what: 'installed', ok: true };
    case 'rebooting':
      return { what: 'power', boots: 'target' };
  }
}

function bootsTo(bench: Bench, boots: 'same' | 'target' | 'trial'): RunningImage {
  const { kept, image } = bench.state;
  const release = RELEASES.find(({ sha256 }) => sha256 === kept.attempt?.sha256);
  if (boots === 'same' || release === undefined || kept.attempt?.state !== 'rebooting') return image;
  const { version, sequence, sha256 } = release;
  return { ...FACTORY, version, sequence, digest: sha256, confirmed: boots === 'target' };
}

describe('a device in a hostile world', () => {
  test('never installs without a live permit that it asked for last, nor what was not signed, nor at or below its floor', () => {
    let installs = 0;
    fc.assert(
      fc.property(fc.array(happening, { maxLength: 60 }), (events) => {
        const observer = new Observer();
        observer.see(observer.bench.effects);
        for (const event of events) happen(observer, event);
        installs += observer.installs;
      }),
      { numRuns: 2000, seed: 7 },
    );
    // The property says something only where installs do happen.
    expect(installs).toBeGreaterThan(200);
  });
});
