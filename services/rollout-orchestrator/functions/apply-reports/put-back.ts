import type { Call } from '#shared/lambda/call.ts';
import type { DeviceMessage } from '#shared/lambda/device-message.ts';
import type { DeviceFact } from './device-fact.ts';

type Message = DeviceMessage<DeviceFact>;

/** Messages of a batch that must come again, while all others are dealt with. */
export class PutBack {
  readonly #call: Pick<Call, 'log' | 'count'>;
  readonly #messages = new Set<Message>();
  #fault: Error | undefined;

  constructor(call: Pick<Call, 'log' | 'count'>) {
    this.#call = call;
  }

  get messages(): readonly Message[] {
    return [...this.#messages];
  }

  /** Messages of one device; `fault` says what went wrong, where something did. */
  add(messages: readonly Message[], fault?: Error): void {
    for (const message of messages) this.#messages.add(message);
    if (fault === undefined) return;
    this.#fault ??= fault;
    this.#call.log.error('facts of a device could not be applied', {
      thing: messages[0]?.thing,
      error: fault,
    });
    this.#call.count('DeviceFactsFailed');
  }

  /**
   * Throws when of a batch of so many none was dealt with and something went wrong: that is no device's own trouble, and must show
   * as an error of the function, which alarms and takes a deployment back.
   */
  throwWhereAll(count: number): void {
    if (this.#fault !== undefined && this.#messages.size === count) throw this.#fault;
  }
}
