/** A function as its triggers see it, wherever it runs. */
export interface Invocable {
  /** Physical name. */
  readonly name: string;
  /** Runs the function with that event and answers what it returns; throws what it throws, or that it ran out of time. */
  invoke(event: unknown): Promise<unknown>;
}
