/** The request whose answers are judged. */
export const ASKED = { nonce: 'p8Zk2mQw', rollout: '01JD0000000000000000000001' };

/** What a device does that hears those answers: `begin` until so many seconds after the request, ask again, or forget the rollout. */
export type PermitDecision =
  | { readonly does: 'begin'; readonly attempt: string; readonly untilSeconds: number }
  | { readonly does: 'ask-again'; readonly notBeforeSeconds: number }
  | { readonly does: 'forget' };

/** Answers to one request for a permit, each with the seconds from the request to it. */
export interface PermitVector {
  readonly name: string;
  readonly answers: readonly { readonly afterSeconds: number; readonly payload: string }[];
  readonly decision: PermitDecision;
}

const ATTEMPT = '01JD0000000000000000000002';
const granted = (changes: object = {}) => ({ answer: 'granted', attempt: ATTEMPT, seconds: 600, ...changes });
const wait = { answer: 'wait', retryAfter: 90 };
const withdrawn = { answer: 'withdrawn', why: 'the rollout has halted' };

function vector(
  name: string,
  answers: readonly (readonly [number, object])[],
  decision: PermitDecision,
): PermitVector {
  const heard = answers.map(([afterSeconds, answer]) => ({
    afterSeconds,
    payload: JSON.stringify({ v: 1, ...ASKED, ...answer }),
  }));
  return { name, answers: heard, decision };
}

const begin = (untilSeconds: number): PermitDecision => ({ does: 'begin', attempt: ATTEMPT, untilSeconds });
/** As where no answer came: not before the 60 s of the request are over, and then after a pause that is random. */
const NO_ANSWER: PermitDecision = { does: 'ask-again', notBeforeSeconds: 60 };

/** Every vector of a permit. */
export const PERMITS: readonly PermitVector[] = [
  vector('granted: counted from the request, and not from the answer', [[5, granted()]], begin(600)),
  vector('granted in the last second', [[60, granted()]], begin(600)),
  vector('granted too late', [[61, granted()]], NO_ANSWER),
  vector('granted for less than it took to say so', [[20, granted({ seconds: 15 })]], NO_ANSWER),
  vector('granted to another request', [[5, granted({ nonce: 'p8Zk2mQx' })]], NO_ANSWER),
  vector('granted for another rollout', [[5, granted({ rollout: '01JD0000000000000000000009' })]], NO_ANSWER),
  vector(
    'another request is answered first',
    [
      [1, granted({ nonce: 'p8Zk2mQx', seconds: 5 })],
      [2, granted()],
    ],
    begin(600),
  ),
  vector(
    'an answer that nobody knows comes first',
    [
      [1, { answer: 'later' }],
      [2, granted()],
    ],
    begin(600),
  ),
  vector('told to wait', [[5, wait]], { does: 'ask-again', notBeforeSeconds: 95 }),
  vector(
    'the first answer counts: told to wait, then granted',
    [
      [5, wait],
      [6, granted()],
    ],
    {
      does: 'ask-again',
      notBeforeSeconds: 95,
    },
  ),
  vector('withdrawn', [[5, withdrawn]], { does: 'forget' }),
  vector('withdrawn without having been asked', [[5, { ...withdrawn, nonce: undefined, attempt: ATTEMPT }]], {
    does: 'forget',
  }),
  vector(
    'withdrawn, then granted',
    [
      [5, withdrawn],
      [6, granted()],
    ],
    { does: 'forget' },
  ),
  vector(
    'another request is told that it is withdrawn',
    [[5, { ...withdrawn, nonce: 'p8Zk2mQx' }]],
    NO_ANSWER,
  ),
  vector('no answer', [], NO_ANSWER),
];
