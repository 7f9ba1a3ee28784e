import { describe, expect, test } from '@jest/globals';
import { compileTopicFilter } from '#host/iot/topic-filter.ts';
import { ExactTopics, type OnMessage, type TopicEmitter } from './exact-topics.ts';

/** Asks every filter, one after the other, and says how often it was asked. */
class EveryFilter implements TopicEmitter {
  readonly #all: { readonly filter: string; readonly listener: OnMessage }[] = [];
  asked = 0;

  on(filter: string, listener: OnMessage, done?: () => void): void {
    this.#all.push({ filter, listener });
    done?.();
  }

  removeListener(filter: string, listener: OnMessage, done?: () => void): void {
    const at = this.#all.findIndex((one) => one.filter === filter && one.listener === listener);
    if (at >= 0) this.#all.splice(at, 1);
    done?.();
  }

  emit(message: { readonly topic: string }, done?: () => void): void {
    this.asked += 1;
    for (const { filter, listener } of this.#all) {
      if (compileTopicFilter(filter)(message.topic)) listener(message, () => undefined);
    }
    done?.();
  }

  close(done: () => void): void {
    done();
  }
}

function exactTopics() {
  const others = new EveryFilter();
  const topics = new ExactTopics(others);
  const heard: string[] = [];
  const listener = (name: string): OnMessage => {
    return ({ topic }, done) => {
      heard.push(`${name} ${topic}`);
      done();
    };
  };
  const emit = (topic: string) => new Promise<void>((resolve) => topics.emit({ topic }, () => resolve()));
  return { others, topics, heard, listener, emit };
}

describe('topics that are listened to by their name', () => {
  test('reach all who listen to them, without asking for wildcards while nobody has any', async () => {
    const { others, topics, heard, listener, emit } = exactTopics();
    topics.on('ek/a/offer', listener('first'));
    topics.on('ek/a/offer', listener('second'));
    await emit('ek/a/offer');
    await emit('ek/b/offer');
    expect(heard).toEqual(['first ek/a/offer', 'second ek/a/offer']);
    expect(others.asked).toBe(0);
  });

  test('reach those with wildcards as well, for as long as there are any', async () => {
    const { others, topics, heard, listener, emit } = exactTopics();
    const wild = listener('wild');
    topics.on('ek/a/offer', listener('exact'));
    topics.on('ek/+/offer', wild);
    await emit('ek/a/offer');
    expect(heard).toEqual(['wild ek/a/offer', 'exact ek/a/offer']);
    topics.removeListener('ek/+/offer', wild);
    await emit('ek/a/offer');
    expect(heard).toHaveLength(3);
    expect(others.asked).toBe(1);
  });

  test('of the broker itself reach it: it listens with wildcards from the start', async () => {
    const { topics, heard, listener, emit } = exactTopics();
    topics.on('$SYS/+/new/clients', listener('broker'));
    await emit('$SYS/one/new/clients');
    expect(heard).toEqual(['broker $SYS/one/new/clients']);
  });

  test('reach nobody who has stopped to listen, also while a message is on its way', async () => {
    const { topics, heard, listener, emit } = exactTopics();
    const second = listener('second');
    const first: OnMessage = (_message, done) => {
      topics.removeListener('t', first);
      topics.on('t', listener('third'));
      done();
    };
    topics.on('t', first);
    topics.on('t', second);
    await emit('t');
    topics.removeListener('t', second);
    await emit('t');
    expect(heard).toEqual(['second t', 'third t']);
  });

  test('are done once the last who heard is', async () => {
    const { topics } = exactTopics();
    const waiting: (() => void)[] = [];
    let isDone = false;
    topics.on('t', (_message, done) => void waiting.push(done));
    topics.on('t', (_message, done) => void waiting.push(done));
    topics.emit({ topic: 't' }, () => {
      isDone = true;
    });
    waiting[0]?.();
    expect(isDone).toBe(false);
    waiting[1]?.();
    expect(isDone).toBe(true);
  });
});
