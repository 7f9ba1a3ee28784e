import type { Fleet } from '../fleet/fleet.ts';
import type { SimulatedHost } from '../host/simulated-host.ts';
import type { KnownRollout } from '../model/known-facts.ts';
import type { Moment } from '../model/watch-devices.ts';
import type { Operator } from '../operators/operator.ts';
import type { Scenario } from '../run/scenario.ts';

/** Everybody who takes part in a history, for faults that happen to them rather than to a call. */
export interface Stage {
  readonly host: SimulatedHost;
  readonly fleet: Fleet;
  readonly operator: Operator;
  readonly scenario: Scenario;
  /** Switches everything off, host and devices, and on again after so long. */
  shutDown(durationMs: number): Promise<void>;
  /** How long everything is still switched off, milliseconds. */
  offForMs(): number;
  /** Calls `run` at every moment of a device's update at which a person may do the worst. */
  onMoment(run: (thing: string, moment: Moment) => void): void;
  /** Calls `run` whenever a rollout has halted. */
  onHalt(run: (rollout: string, tenant: string) => void): void;
  /** Calls `run` whenever a device has come into quarantine. */
  onQuarantine(run: (thing: string, tenant: string) => void): void;
  /** Ids of the devices that have ended badly in that rollout, as far as the backend knows. */
  endedBadly(rollout: string): readonly string[];
  /** Rollouts that a restored backup has paused, and nobody has resumed yet. */
  unresumed(): readonly KnownRollout[];
  /** The rollout that a device took part in last. */
  rolloutOf(thing: string): KnownRollout | undefined;
}
