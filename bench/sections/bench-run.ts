import type { Windows } from '../measure/recording.ts';
import type { Watched } from '../setup/running-host.ts';

/** What all sections are told. */
export interface BenchRun {
  /** Where data directories are made. */
  readonly parent: string;
  /** Devices that check, each with a connection of its own. */
  readonly devices: number;
  /** Devices that ask for permits and report at once, and that are connected and idle. */
  readonly burst: number;
  readonly inFlight: number;
  /** Devices that connect in the section `connections`, at most. */
  readonly connections: number;
  readonly windows: Windows;
  /** Devices of the large data set in the section `start`; 0 skips it. */
  readonly registered: number;
  /** Sizes of fleet that a rollout goes to. */
  readonly fleets: readonly number[];
  /** Runs of each size that does not take minutes. */
  readonly runs: number;
  /** Simulated releases at each true rate of bricks. */
  readonly releases: number;
  /** What a host, or a fleet, writes down about itself. */
  readonly watched: Watched;
  /** Says what is being done, for who waits. */
  readonly progress: (text: string) => void;
}

/** One line of the table: what was measured, its unit, and what came out. */
export interface Figure {
  /** Which of several it is a figure of, where they stand side by side: a rate of bricks. */
  readonly of?: string;
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly least: number;
  readonly most: number;
  /** How it came about, where its name does not say. */
  readonly note?: string;
}
