import type { SimulatedHost } from '../host/simulated-host.ts';
import type { Story } from '../run/story.ts';
import type { SimulatedWorld, WorldView } from '../world/simulated-world.ts';

/** An answer of the API; status 0 when none came. */
export interface Answer {
  readonly status: number;
  // biome-ignore lint/suspicious/noExplicitAny: whoever asks knows what its route answers
  readonly body: any;
}

/** Somebody who uses the HTTP API, and what came of it, for whoever watches. */
export interface Call {
  readonly tenant: string;
  readonly method: string;
  readonly path: string;
  readonly body: unknown;
  /** Who calls. */
  readonly by: string;
}

/** Hears of every call when it is made and when it is answered. */
export interface CallObserver {
  onCall(call: Call): void;
  onAnswer(call: Call, answer: Answer): void;
}

/** Who does everything that nobody else is named for. */
export const SOMEBODY = 'ada';
const AGAIN_MS = 5_000;
/** Nobody waits longer for an answer: the gateway's limit. */
const PATIENCE_MS = 29_000;

/** People: manufacturers and operators, over the API and nothing else. */
export class Operator {
  readonly #view: WorldView;
  readonly #host: () => SimulatedHost;
  readonly #story: Story;
  readonly #observer: CallObserver;

  constructor(parts: {
    readonly world: SimulatedWorld;
    readonly host: () => SimulatedHost;
    readonly story: Story;
    readonly observer: CallObserver;
  }) {
    this.#view = parts.world.view('operator');
    this.#host = parts.host;
    this.#story = parts.story;
    this.#observer = parts.observer;
  }

  /** Calls the API once. */
  async call(tenant: string, method: string, path: string, body?: unknown, by = SOMEBODY): Promise<Answer> {
    const call = { tenant, method, path, body, by };
    const host = this.#host();
    const answer = host.isUp ? await this.#ask(call) : { status: 0, body: undefined };
    const why = answer.status >= 400 ? ` ${JSON.stringify(answer.body)}` : '';
    const who = by === SOMEBODY ? 'operator' : by;
    this.#story.tell(who, `${tenant} ${method} ${path} -> ${answer.status || 'no answer'}${why}`);
    this.#observer.onAnswer(call, answer);
    return answer;
  }

  /** Calls again and again until the answer is one that another try would not change. */
  async insist(tenant: string, method: string, path: string, body?: unknown, by = SOMEBODY): Promise<Answer> {
    for (;;) {
      const answer = await this.call(tenant, method, path, body, by);
      const mayPass = answer.status === 0 || answer.status >= 500 || answer.status === 429;
      if (!mayPass && answer.body?.error?.code !== 'conflict') return answer;
      await this.pause(AGAIN_MS);
      await this.#host().serving();
    }
  }

  pause(durationMs: number): Promise<void> {
    return new Promise((resolve) => {
      this.#view.after(durationMs, resolve);
    });
  }

  async #ask(call: Call): Promise<Answer> {
    const { tenant, method, path, body, by } = call;
    this.#observer.onCall(call);
    const [requestPath = '', rawQuery = ''] = path.split('?');
    const asked = this.#host()
      .running.api.handle({
        method,
        path: requestPath,
        rawQuery,
        headers: { 'content-type': 'application/json' },
        body: body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
        sourceIp: '127.0.0.1',
        claims: { tenant, role: 'admin', sub: by },
      })
      .then(({ statusCode, body: text }) => ({
        status: statusCode,
        body: text === '' ? undefined : JSON.parse(text),
      }));
    return Promise.race([asked, this.pause(PATIENCE_MS).then(() => ({ status: 0, body: undefined }))]);
  }
}
