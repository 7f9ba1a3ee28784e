/** A message of a queue or a record of a change stream, as Lambda hands it over. */
export type DeliveredRecord = Readonly<Record<string, unknown>>;

/** Of each function so many are enough to find two of different devices. */
const MOST_RECORDS = 500;

/** What functions were invoked with, record by record: whatever was delivered once may be delivered again. */
export class Deliveries {
  readonly #records = new Map<string, DeliveredRecord[]>();

  /** An invocation of that function ended. */
  ended(functionName: string, event: unknown): void {
    const { Records = [] } = Object(event) as { readonly Records?: readonly DeliveredRecord[] };
    const known = this.#records.get(functionName) ?? [];
    this.#records.set(functionName, [...known, ...Records].slice(-MOST_RECORDS));
  }

  /** The latest that were delivered to that function, the oldest first. */
  of(functionName: string): readonly DeliveredRecord[] {
    return this.#records.get(functionName) ?? [];
  }
}
