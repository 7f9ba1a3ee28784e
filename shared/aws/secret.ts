import { ConfigurationError } from '#shared/errors/errors.ts';
import type { ParameterStore } from './parameter-store.ts';

/**
 * A SecureString of the parameter store, read once per instance. It is under the account's own key for parameters
 * (`aws/ssm`), which whoever may read the parameter may use through the store: the right to read it is all it takes.
 */
export class Secret<Value> {
  readonly #store: ParameterStore;
  readonly #name: string;
  readonly #parse: (text: string) => Value | undefined;
  #reading: Promise<Value> | undefined;

  /** `parse` makes something of the text; `undefined` when it is not what it should be. */
  constructor(store: ParameterStore, name: string, parse: (text: string) => Value | undefined) {
    this.#store = store;
    this.#name = name;
    this.#parse = parse;
  }

  /** What it holds. What fails is tried anew at the next call; throws `ConfigurationError` when there is nothing of use. */
  async value(): Promise<Value> {
    this.#reading ??= this.#read();
    try {
      return await this.#reading;
    } catch (error) {
      this.#reading = undefined;
      throw error;
    }
  }

  async #read(): Promise<Value> {
    const value = this.#parse((await this.#store.get(this.#name)) ?? '');
    if (value !== undefined) return value;
    throw new ConfigurationError(`the parameter ${this.#name} does not hold what it should`);
  }
}
