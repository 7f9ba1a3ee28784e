import { type Refuse, resolveIntrinsics } from './intrinsics.ts';
import { isRecord, type Json } from './json.ts';
import type { Stack } from './stack.ts';

/** Bounds of a whole number and, if it may be absent, what then holds. */
export interface IntegerRule {
  readonly min: number;
  readonly max: number;
  readonly otherwise?: number;
}

/**
 * Reads the properties of one resource, function or event, each resolved as it is read. What nobody has read when `end` is
 * called is refused by name: a property without a meaning on one machine has to be passed over with `ignore`, knowingly.
 */
export class Properties {
  readonly stack: Stack;
  /** Logical id of the resource, or key of the function. */
  readonly owner: string;
  readonly #path: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #read = new Set<string>();
  readonly #sections: Properties[] = [];

  constructor(stack: Stack, owner: string, values: unknown, path = '') {
    this.stack = stack;
    this.owner = owner;
    this.#path = path;
    this.#values = isRecord(values) ? values : stack.refusing(owner, path)('must be an object');
  }

  /** Whether that property is there. */
  has(name: string): boolean {
    return this.#values[name] !== undefined;
  }

  /** Refuses a property by its path, or these properties as a whole. */
  refusing(name?: string): Refuse {
    return this.stack.refusing(this.owner, this.#pathOf(name));
  }

  /** Any value; `undefined` when it is absent. */
  value(name: string): Json | undefined {
    this.#read.add(name);
    if (this.#values[name] === undefined) return undefined;
    return resolveIntrinsics(this.#values[name], this.stack, this.refusing(name));
  }

  /** A text that may be absent. */
  optionalText(name: string): string | undefined {
    const value = this.value(name);
    return value === undefined || typeof value === 'string' ? value : this.refusing(name)('must be a text');
  }

  /** A text that must be there. */
  text(name: string): string {
    return this.optionalText(name) ?? this.refusing(name)('is missing');
  }

  /** One of a few texts; absent: the first. */
  choice<Choice extends string>(name: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const value = this.optionalText(name);
    if (value === undefined) return choices[0];
    return (
      choices.find((choice) => choice === value) ??
      this.refusing(name)(`is ${value}, and only ${choices.join(', ')} is supported`)
    );
  }

  /** A text, number or truth value, as a text. */
  scalar(name: string): string {
    const value = this.value(name);
    return typeof value === 'object' || value === undefined
      ? this.refusing(name)('must be a text or number')
      : String(value);
  }

  /** A whole number. */
  integer(name: string, { min, max, otherwise }: IntegerRule): number {
    const value = this.value(name) ?? otherwise;
    if (value === undefined) return this.refusing(name)('is missing');
    const isRight = typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max;
    return isRight ? value : this.refusing(name)(`must be a whole number from ${min} to ${max}`);
  }

  /** `true` or `false`; absent: `false`. */
  flag(name: string): boolean {
    const value = this.value(name) ?? false;
    return typeof value === 'boolean' ? value : this.refusing(name)('must be true or false');
  }

  /** A list, empty when it is absent; a single value counts as a list of one when `orOne` says so. */
  list(name: string, orOne?: 'or-one'): readonly Json[] {
    const value = this.value(name);
    if (value === undefined) return [];
    if (Array.isArray(value)) return value;
    // `Array.isArray` does not narrow away a list that is readonly.
    return orOne === undefined ? this.refusing(name)('must be a list') : [value as Json];
  }

  /** A list of texts. */
  texts(name: string, orOne?: 'or-one'): readonly string[] {
    return this.list(name, orOne).map((item) =>
      typeof item === 'string' ? item : this.refusing(name)('must be a list of texts'),
    );
  }

  /** The properties of an object inside; `undefined` when it is absent. They are ended together with these. */
  section(name: string): Properties | undefined {
    this.#read.add(name);
    return this.has(name) ? this.#sectionOf(name, this.#values[name]) : undefined;
  }

  /** The objects of a list inside. */
  sections(name: string): Properties[] {
    this.#read.add(name);
    const items = this.#values[name] ?? [];
    if (!Array.isArray(items)) return this.refusing(name)('must be a list');
    return items.map((item, at) => this.#sectionOf(`${name}.${at}`, item));
  }

  /** Names of all properties. */
  names(): string[] {
    return Object.keys(this.#values);
  }

  /** Passes over properties that have no meaning on one machine. */
  ignore(...names: readonly string[]): void {
    for (const name of names) this.#read.add(name);
  }

  /** Refuses properties that nobody asked for. */
  end(): void {
    for (const name of this.names()) {
      if (!this.#read.has(name)) this.refusing(name)('is not supported');
    }
    for (const section of this.#sections) section.end();
  }

  #sectionOf(name: string, value: unknown): Properties {
    const section = new Properties(this.stack, this.owner, value, this.#pathOf(name));
    this.#sections.push(section);
    return section;
  }

  #pathOf(name: string | undefined): string {
    return [this.#path, name].filter((part) => part !== undefined && part !== '').join('.');
  }
}
