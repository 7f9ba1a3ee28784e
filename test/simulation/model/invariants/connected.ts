import { type Invariant, type Verdict, wrong } from '../invariant.ts';

/** The end of a session is told ten seconds late, so that who comes back at once never seems away, and a batch may fail before it succeeds. */
const TOLD_WITHIN_MS = 120_000;

export const shownAsConnected: Invariant = {
  number: 13,
  rule: 'in the end a device is shown as connected while it has a session, and only then',
  onEnd(known) {
    const dead = known.deadLetters();
    let verdict: Verdict = 'pass';
    for (const [thing, { connection, wasShared, isSessionUntold = false }] of known.devices) {
      if (connection === undefined || known.nowMs - connection.sinceMs < TOLD_WITHIN_MS) continue;
      // Presence goes by times: nothing tells that session from one that was over before.
      if (known.clock.maySeemOlder(connection.sinceMs)) continue;
      if (wasShared || isSessionUntold || dead.some((text) => text.includes(thing))) continue;
      const open = Object.keys((known.presenceOf(thing)?.open ?? {}) as Record<string, number>);
      const own = connection.sessions;
      if (open.toString() !== own.toString())
        return wrong(`${thing} is shown with the sessions [${open.join()}], and has [${own.join()}]`);
      verdict = 'holds';
    }
    return verdict;
  },
};
