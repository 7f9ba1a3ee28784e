import { MAX_COHORTS } from '../counting/cohorts.ts';
import type { PreparedRollout } from '../decision/active-rollout.ts';
import { askingOf, type DeviceFacts, type ReleasedVersion } from '../decision/device.ts';
import { lastSeen } from '../decision/is-member.ts';
import { artifactOrLasting, standingOf } from '../decision/objections.ts';
import type { Rule } from '../decision/rules.ts';
import type { PreviewCohort, PreviewSums } from './preview-sums.ts';

/** A draft as it would be once it is launched. */
export interface PreviewedRollout {
  /** Running, in its first stage. */
  readonly launched: PreparedRollout;
  readonly isMatching: (facts: DeviceFacts) => boolean;
  readonly isHeldBack: (deviceId: string) => boolean;
  /** The releases of its product by version, those that were revoked included. */
  readonly released: ReadonlyMap<string, ReleasedVersion>;
}

/** Counts whom a draft would reach, one device after the other, by the rules that decide about each once it is launched. */
export class PreviewCounter {
  readonly #rollout: PreviewedRollout;
  readonly #nowMs: number;
  readonly #sums: PreviewSums;
  readonly #cohorts: Map<string, PreviewCohort>;

  /** Goes on from the sums of an earlier counter; `nowMs` is when devices ask, milliseconds since 1970. */
  constructor(rollout: PreviewedRollout, from: PreviewSums, nowMs: number) {
    this.#rollout = rollout;
    this.#nowMs = nowMs;
    this.#sums = { ...from, refused: { ...from.refused } };
    this.#cohorts = new Map(from.cohorts.map((cohort) => [nameOf(cohort), { ...cohort }]));
  }

  /** So many devices were looked at, some of which could not be read: those are no members. */
  look(devices: number, unreadable: number): void {
    this.#sums.looked += devices;
    this.#sums.unreadable += unreadable;
  }

  /** Counts a device of the tenant. */
  see(facts: DeviceFacts): void {
    const { launched, isMatching, isHeldBack } = this.#rollout;
    const sums = this.#sums;
    if (facts.product === launched.product && !facts.decommissioned) sums.ofProduct += 1;
    if (!isMatching(facts)) return;
    if (isHeldBack(facts.deviceId)) {
      sums.heldBack += 1;
      return;
    }
    const rule = this.#objectionTo(facts);
    const served = rule === undefined ? 1 : 0;
    sums.members += 1;
    sums.served += served;
    if (rule !== undefined) sums.refused[rule] = (sums.refused[rule] ?? 0) + 1;
    this.#countCohort(facts, served);
    if (!launched.artifactByHardware.has(facts.hardware)) {
      sums.withoutArtifact += 1;
      return;
    }
    if (launched.openStage.kind === 'tag' && facts.tags.includes(launched.openStage.tag)) {
      sums.tagged += 1;
      sums.taggedServed += served;
    }
  }

  /** What was counted so far. */
  sums(): PreviewSums {
    return { ...this.#sums, cohorts: [...this.#cohorts.values()] };
  }

  /** Why a member would never be offered the release, whenever its turn comes; `undefined` where it would be. */
  #objectionTo(facts: DeviceFacts): Rule | undefined {
    const { launched, released } = this.#rollout;
    const says = lastSeen(facts);
    const inquiry = { facts, says, released: released.get(says.version), nowMs: this.#nowMs };
    const standing = standingOf(inquiry);
    if (typeof standing === 'string') return standing;
    const found = artifactOrLasting(askingOf(standing, inquiry), launched);
    return typeof found === 'string' ? found : undefined;
  }

  #countCohort({ hardware, running }: DeviceFacts, served: number): void {
    const pair = { hardware, from: running?.version ?? '' };
    const name = nameOf(pair);
    const known = this.#cohorts.get(name);
    if (known !== undefined) {
      known.devices += 1;
      known.served += served;
    } else if (this.#cohorts.size < MAX_COHORTS) this.#cohorts.set(name, { ...pair, devices: 1, served });
    else this.#sums.otherCohorts += 1;
  }
}

// No hardware holds a space.
const nameOf = ({ hardware, from }: Pick<PreviewCohort, 'hardware' | 'from'>): string =>
  `${hardware} ${from}`;
