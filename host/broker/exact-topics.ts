/** Hears a message and says when it is done with it. */
export type OnMessage = (message: Message, done: () => void) => void;

/** What is known of a message here. */
export interface Message {
  readonly topic: string;
}

/** Hands messages to those who listen to their topic: what aedes asks of its `mq`. */
export interface TopicEmitter {
  on(filter: string, listener: OnMessage, done?: () => void): unknown;
  removeListener(filter: string, listener: OnMessage, done?: () => void): unknown;
  /** `done` is called once all who heard it are done with it. */
  emit(message: Message, done?: (error?: Error) => void): unknown;
  close(done: () => void): unknown;
}

/** Topics of the broker itself; it listens to them with wildcards. */
const OWN_TOPICS = '$SYS/';

/**
 * Finds who listens to a topic by its name, without walking a tree of filters: devices subscribe to topics of their own and to
 * nothing else. Filters with wildcards stay with `others`, which is asked where there are any.
 */
export class ExactTopics implements TopicEmitter {
  readonly #others: TopicEmitter;
  readonly #listeners = new Map<string, Set<OnMessage>>();
  /** Filters with wildcards that devices have subscribed to. */
  #wildcards = 0;

  constructor(others: TopicEmitter) {
    this.#others = others;
  }

  on(filter: string, listener: OnMessage, done?: () => void): void {
    if (hasWildcard(filter)) {
      if (!filter.startsWith(OWN_TOPICS)) this.#wildcards += 1;
      this.#others.on(filter, listener, done);
      return;
    }
    const listeners = this.#listeners.get(filter);
    if (listeners === undefined) this.#listeners.set(filter, new Set([listener]));
    else listeners.add(listener);
    if (done !== undefined) setImmediate(done);
  }

  removeListener(filter: string, listener: OnMessage, done?: () => void): void {
    if (hasWildcard(filter)) {
      if (!filter.startsWith(OWN_TOPICS)) this.#wildcards -= 1;
      this.#others.removeListener(filter, listener);
    } else {
      const listeners = this.#listeners.get(filter);
      listeners?.delete(listener);
      if (listeners?.size === 0) this.#listeners.delete(filter);
    }
    // At once: only then does aedes forget the subscription, and would take a SUBSCRIBE that follows for a repetition.
    done?.();
  }

  emit(message: Message, done: (error?: Error) => void = () => undefined): void {
    const { topic } = message;
    if (this.#wildcards > 0 || topic.startsWith(OWN_TOPICS)) {
      this.#others.emit(message, (error) => (error ? done(error) : this.#tell(message, done)));
    } else {
      this.#tell(message, done);
    }
  }

  close(done: () => void): void {
    this.#listeners.clear();
    this.#others.close(done);
  }

  #tell(message: Message, done: () => void): void {
    const listeners = this.#listeners.get(message.topic);
    if (listeners === undefined) {
      done();
      return;
    }
    let left = listeners.size;
    const oneDone = () => {
      left -= 1;
      if (left === 0) done();
    };
    for (const listener of [...listeners]) listener(message, oneDone);
  }
}

const hasWildcard = (filter: string): boolean => filter.includes('+') || filter.includes('#');
