import type { Invariant } from '../invariant.ts';
import { gatesBake } from './baking.ts';
import { approved, heldBack } from './caution.ts';
import { leavesNobody } from './completion.ts';
import { shownAsConnected } from './connected.ts';
import { audited, countersEqualRows, onlyForward } from './counting.ts';
import { nothingCrosses } from './crossing.ts';
import { haltIsFinal, inItsTime, notToOutcasts, oneAttempt, withinCeilings } from './exposure.ts';
import { alive, silenceIsHeard } from './hearing.ts';
import { acknowledgedIsKept } from './keeping.ts';
import { membersAreCounted } from './members.ts';
import { nothingDistrusted, productsAreKept } from './products.ts';
import { highestFirst } from './ranking.ts';
import { aboveFloor, onlyPublished, onlySigned, sameDigest } from './releases.ts';

/** Everything that the model checks on what it sees; number 17 (why equals the decision) is checked by asking, see `run/probe.ts`. */
export const INVARIANTS: readonly Invariant[] = [
  onlyPublished,
  nothingDistrusted,
  onlySigned,
  withinCeilings,
  gatesBake,
  membersAreCounted,
  sameDigest,
  aboveFloor,
  countersEqualRows,
  onlyForward,
  haltIsFinal,
  heldBack,
  nothingCrosses,
  audited,
  alive,
  leavesNobody,
  acknowledgedIsKept,
  productsAreKept,
  shownAsConnected,
  oneAttempt,
  highestFirst,
  silenceIsHeard,
  inItsTime,
  approved,
  notToOutcasts,
];
