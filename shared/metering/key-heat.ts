/** What DynamoDB would throttle: write units of one partition key in one second. Half of what a partition takes (1,000). */
export const HOT_KEY_WRITE_UNITS = 500;

/** The most write units that one key has taken in one second. */
export interface HottestKey {
  readonly table: string;
  /** Value of the partition key; of an index, `<index> <value>`. */
  readonly key: string;
  readonly writeUnits: number;
  /** The second, in seconds since 1970 of the home's own clock. */
  readonly second: number;
}

/** Keys whose hottest second is kept. */
const KEPT = 20;

/** Write units by partition key and second of the home's time; keeps the hottest second of the hottest keys. */
export class KeyHeat {
  readonly #now: () => number;
  readonly #units = new Map<string, number>();
  readonly #hottest = new Map<string, HottestKey>();
  #second = 0;
  #least = 0;

  /** `now` is in milliseconds. */
  constructor(now: () => number) {
    this.#now = now;
  }

  /** A key takes so many units more in this second. */
  add(table: string, key: string, writeUnits: number): void {
    const second = Math.floor(this.#now() / 1000);
    if (second !== this.#second) {
      this.#units.clear();
      this.#second = second;
    }
    const name = `${table} ${key}`;
    const sum = (this.#units.get(name) ?? 0) + writeUnits;
    this.#units.set(name, sum);
    if (sum > this.#least) this.#keep(name, { table, key, writeUnits: sum, second });
  }

  /** The hottest keys, the hottest first. */
  hottest(): HottestKey[] {
    return [...this.#hottest.values()].sort((a, b) => b.writeUnits - a.writeUnits);
  }

  #keep(name: string, one: HottestKey): void {
    if ((this.#hottest.get(name)?.writeUnits ?? 0) >= one.writeUnits) return;
    this.#hottest.set(name, one);
    if (this.#hottest.size <= KEPT) return;
    const [coolest] = [...this.#hottest].sort(([, a], [, b]) => a.writeUnits - b.writeUnits);
    if (coolest !== undefined) this.#hottest.delete(coolest[0]);
    this.#least = Math.min(...[...this.#hottest.values()].map(({ writeUnits }) => writeUnits));
  }
}
