import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { canonicalText, type Seal, type SealContent, sealKeyId, sha256Of } from './seal.ts';
import { type AuditToVerify, SEALED_WITHIN_MS, verifyAudit } from './verify-audit.ts';

const ROLLOUT = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5D';
const OTHER = '01JD4Z6Q7R8S9T0V1W2X3Y4Z5E';
const WRITTEN_MS = 1_780_000_000_000;
const NOW_MS = WRITTEN_MS + 3_600_000;

const pair = () => generateKeyPairSync('ec', { namedCurve: 'prime256v1' });
const pemOf = ({ publicKey }: ReturnType<typeof pair>) =>
  publicKey.export({ type: 'spki', format: 'pem' }).toString();
const ours = pair();
const theirs = pair();
const keysOf = (...pairs: ReturnType<typeof pair>[]) =>
  new Map(pairs.map((one) => [sealKeyId(pemOf(one)), pemOf(one)]));

let serial = 0;
function entry(about = ROLLOUT, atMs = WRITTEN_MS): string {
  serial += 1;
  const id = `01JD4Z6Q7R8S9T0V1W${String(serial).padStart(8, '0')}`;
  return canonicalText({ id, about, atMs, actor: 'operator:ada', action: 'pause', reason: `${serial}` });
}

function sealed(content: SealContent, by = ours): Seal {
  const text = canonicalText(content);
  const signature = sign('sha256', Buffer.from(text), by.privateKey).toString('base64');
  return { text, keyId: sealKeyId(pemOf(by)), signature };
}

/** A chain with a seal for each list of entries. */
function chainOf(batches: readonly (readonly string[])[], by = ours): Seal[] {
  const seals: Seal[] = [];
  for (const [at, batch] of batches.entries()) {
    const before = seals.at(-1);
    const content: SealContent = {
      v: 1,
      log: 'rollouts',
      tenant: 'acme',
      number: at + 1,
      atMs: WRITTEN_MS + at,
      ...(before && { previous: sha256Of(before.text) }),
      entries: batch.map((text) => {
        const { id, about } = JSON.parse(text);
        return { id, about, sha256: sha256Of(text) };
      }),
    };
    seals.push(sealed(content, by));
  }
  return seals;
}

const verdictOn = (what: Partial<AuditToVerify>) =>
  verifyAudit({
    log: 'rollouts',
    about: ROLLOUT,
    entries: [],
    seals: [],
    keys: keysOf(ours),
    nowMs: NOW_MS,
    ...what,
  });

describe('an audit log', () => {
  const batches = [[entry(), entry(OTHER)], [entry()], [entry(OTHER)], [entry(), entry()]];
  const seals = chainOf(batches);
  const entries = batches.flat().filter((text) => JSON.parse(text).about === ROLLOUT);

  test('that is what was sealed holds', () => {
    expect(verdictOn({ entries, seals })).toEqual({
      seals: 4,
      sealedAtMs: WRITTEN_MS + 3,
      sealed: 4,
      waiting: 0,
      faults: [],
    });
  });

  test('with any entry changed, removed or added, and any seal changed, removed or put elsewhere, does not', () => {
    const meddle = fc.record({
      how: fc.constantFrom(
        'change',
        'remove',
        'add',
        'change-seal',
        'remove-seal',
        'swap-seals',
        'sign-again',
      ),
      at: fc.nat(3),
    });
    fc.assert(
      fc.property(meddle, ({ how, at }) => {
        const log = [...entries];
        const chain = [...seals];
        const seal = chain[at] as Seal;
        if (how === 'change') log[at] = (log[at] ?? '').replace('ada', 'eve');
        if (how === 'remove') log.splice(at, 1);
        if (how === 'add') log.splice(at, 0, entry());
        if (how === 'change-seal') chain[at] = { ...seal, text: seal.text.replace('acme', 'acmf') };
        if (how === 'remove-seal') chain.splice(at, 1);
        if (how === 'swap-seals')
          chain.splice(
            at === 3 ? 2 : at,
            2,
            ...seals
              .slice(at === 3 ? 2 : at)
              .slice(0, 2)
              .reverse(),
          );
        // Whoever has the table but not the key can only sign with another.
        if (how === 'sign-again') chain[at] = sealed(JSON.parse(seal.text), theirs);
        expect(verdictOn({ entries: log, seals: chain }).faults).not.toEqual([]);
      }),
    );
  });

  const earlier = (seal: Seal) => seal.text.replace(/"atMs":(\d+)/, '"atMs":1780000000000');

  test('does not hold with a last seal that says something else than what was signed', () => {
    const last = seals[3] as Seal;
    const chain = [...seals.slice(0, 3), { ...last, text: earlier(last) }];
    expect(verdictOn({ entries, seals: chain }).faults[0]).toBe(
      'seal 4 does not carry the signature of its key',
    );
  });

  test('does not hold with a seal that was made anew with the right key after the next had been made', () => {
    const made = sealed(JSON.parse(earlier(seals[1] as Seal)));
    const chain = [...seals.slice(0, 1), made, ...seals.slice(2)];
    expect(verdictOn({ entries, seals: chain }).faults[0]).toBe('seal 3 does not follow the one before it');
  });

  test('does not hold with the chain of another log, whoever signed it', () => {
    expect(verdictOn({ log: 'devices', entries, seals }).faults[0]).toBe(
      'seal 1 is one of the log of rollouts',
    );
  });

  test.each([
    ['skips a number', { number: 3 }, 'seal 2 says that it is number 3'],
    ['is of another tenant', { tenant: 'evil' }, 'seal 2 is of another tenant'],
  ])(
    'does not hold with a seal that %s, though the right key signed it and it follows the one before',
    (_, change, fault) => {
      const [first, second] = seals as [Seal, Seal];
      const chain = [first, sealed({ ...JSON.parse(second.text), ...change })];
      expect(verdictOn({ entries, seals: chain }).faults[0]).toBe(fault);
    },
  );

  test('of a product is that of its releases, too, and of no product that only begins alike', () => {
    const log = [entry('cam'), entry('cam/2.1.0')];
    const others = [entry('camera'), entry('came/2.1.0')];
    const chain = chainOf([[...log, ...others]]);
    expect(verdictOn({ about: 'cam', entries: log, seals: chain })).toMatchObject({ sealed: 2, faults: [] });
    const faults = [expect.stringContaining('not one of cam'), expect.stringContaining('not one of cam')];
    expect(verdictOn({ about: 'cam', entries: [...log, ...others], seals: chain }).faults).toEqual(faults);
  });

  test('that somebody wrote and sealed anew with another key does not hold', () => {
    const forged = [entry()];
    const { faults } = verdictOn({ entries: forged, seals: chainOf([forged], theirs) });
    expect(faults).toEqual([
      expect.stringMatching(/^seal 1 was signed with the key [0-9a-f]{64}, which is none of those given$/),
      expect.stringMatching(/ s old and not sealed$/),
    ]);
  });

  test('may hold with the keys of before and after a rotation', () => {
    const [first = '', second = ''] = entries;
    const before = chainOf([[first]]);
    const content: SealContent = {
      ...JSON.parse(chainOf([[second]])[0]?.text ?? ''),
      number: 2,
      previous: sha256Of(before[0]?.text ?? ''),
    };
    const chain = [...before, sealed(content, theirs)];
    const log = [first, second];
    expect(verdictOn({ entries: log, seals: chain, keys: keysOf(ours, theirs) }).faults).toEqual([]);
    expect(verdictOn({ entries: log, seals: chain }).faults).not.toEqual([]);
  });

  test('waits for a seal for a minute, and not longer', () => {
    const young = entry(ROLLOUT, NOW_MS - SEALED_WITHIN_MS);
    expect(verdictOn({ entries: [young] })).toEqual({ seals: 0, sealed: 0, waiting: 1, faults: [] });
    const old = entry(ROLLOUT, NOW_MS - SEALED_WITHIN_MS - 1);
    expect(verdictOn({ entries: [old] }).faults).toEqual([
      expect.stringContaining('60 s old and not sealed'),
    ]);
  });

  test('waits for no seal of an entry that a clock wrote which was ahead, but by the little that clocks differ', () => {
    const close = entry(ROLLOUT, NOW_MS + 60_000);
    expect(verdictOn({ entries: [close] })).toMatchObject({ waiting: 1, faults: [] });
    const ahead = entry(ROLLOUT, NOW_MS + 365 * 86_400_000);
    expect(verdictOn({ entries: [ahead] })).toMatchObject({
      waiting: 0,
      faults: [expect.stringMatching(/ is dated 31536000 s ahead and not sealed$/)],
    });
  });

  test('is judged, whatever it and its seals are', () => {
    const text = fc.oneof(fc.string(), fc.json());
    const seal = fc.record({
      text,
      keyId: fc.constantFrom(...keysOf(ours).keys(), 'x'),
      signature: fc.string(),
    });
    fc.assert(
      fc.property(fc.array(text, { minLength: 1 }), fc.array(seal), (log, chain) => {
        expect(verdictOn({ entries: log, seals: chain }).faults).not.toEqual([]);
      }),
    );
  });
});

test('a text is the same for the same data, in whatever order it was written', () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
      const turned = Object.fromEntries(Object.entries(data).reverse());
      expect(canonicalText(turned)).toBe(canonicalText(data));
      expect(JSON.parse(canonicalText(data))).toEqual(JSON.parse(JSON.stringify(data)));
    }),
  );
});
