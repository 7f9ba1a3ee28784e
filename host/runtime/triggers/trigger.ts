/** Something that invokes a function when something arrives. All triggers have this shape. */
export interface Trigger {
  /** What it waits for and whom it invokes, for the log. */
  readonly name: string;
  /** Begins to take in, and goes on with what was pending when the host last ended. */
  start(): void;
  /** Takes nothing in any more, and resolves once what runs has ended. */
  stop(): Promise<void>;
  /** Whether a delivery is under way at this moment. */
  readonly isBusy: boolean;
  /** When a batch of a queue that is being gathered will be delivered (milliseconds of the world's monotonic clock). */
  readonly gatheringUntilMs?: number | undefined;
}
