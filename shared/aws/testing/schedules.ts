import type { World } from '#shared/world/world.ts';
import { json, type WireAnswer, type WireRequest } from './wire.ts';

interface Schedule {
  readonly ClientToken: string;
  readonly ScheduleExpression: string;
  readonly Target: { readonly Input: string };
}

/** One-time schedules as EventBridge Scheduler keeps them, each gone once it has run, in the time of a test. */
export class Schedules {
  readonly #world: Pick<World, 'now'>;
  readonly #byName = new Map<string, Schedule>();

  constructor(world: Pick<World, 'now'>) {
    this.#world = world;
  }

  names(): string[] {
    return [...this.#byName.keys()];
  }

  /** What the schedules that are due have sent, in order of time, since the last call. */
  arrived(): string[] {
    const due = [...this.#byName]
      .filter(([, schedule]) => atMsOf(schedule) <= this.#world.now())
      .sort(([, one], [, other]) => atMsOf(one) - atMsOf(other));
    for (const [name] of due) this.#byName.delete(name);
    return due.map(([, { Target }]) => Target.Input);
  }

  /** Answers one request as the scheduler would: a repeat with the token of the first is the first. */
  readonly serve = ({ method, path, body }: WireRequest): WireAnswer => {
    const name = decodeURIComponent(new URL(path, 'http://scheduler').pathname.slice('/schedules/'.length));
    const before = this.#byName.get(name);
    const arn = { ScheduleArn: `arn:aws:scheduler:eu-central-1:000000000000:schedule/default/${name}` };
    if (method === 'DELETE') {
      return this.#byName.delete(name) ? json(200, {}) : failed(404, 'ResourceNotFoundException');
    }
    const asked = JSON.parse(body.toString()) as Schedule;
    if (method === 'PUT' && before === undefined) return failed(404, 'ResourceNotFoundException');
    if (method === 'POST' && before !== undefined && before.ClientToken !== asked.ClientToken)
      return failed(409, 'ConflictException');
    this.#byName.set(name, asked);
    return json(200, arn);
  };
}

function failed(status: number, name: string): WireAnswer {
  return json(status, { Message: name }, { 'x-amzn-errortype': name });
}

function atMsOf({ ScheduleExpression }: Schedule): number {
  const [, text] = /^at\((.+)\)$/.exec(ScheduleExpression) ?? [];
  if (text === undefined) throw new Error(`${ScheduleExpression} is no time`);
  return Date.parse(`${text}Z`);
}
