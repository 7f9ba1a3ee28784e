import type { WriteLine } from '#shared/capabilities/home.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import type { World } from '#shared/world/world.ts';

/** A line of the host's own log, and what belongs to it. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** The host's own log, in the same JSON lines as the functions'. */
export class HostLog {
  readonly #writeLine: WriteLine;
  readonly #world: Pick<World, 'now'>;

  constructor(writeLine: WriteLine, world: Pick<World, 'now'>) {
    this.#writeLine = writeLine;
    this.#world = world;
  }

  info(message: string, fields: LogFields = {}): void {
    this.#write('INFO', message, fields);
  }

  warn(message: string, fields: LogFields = {}): void {
    this.#write('WARN', message, fields);
  }

  /** With the error's name, message and stack: this log is the only place where they are seen. */
  error(message: string, error: unknown, fields: LogFields = {}): void {
    const { name, message: text, stack } = faultOf(error);
    this.#write('ERROR', message, { ...fields, error: name, errorMessage: text, stack });
  }

  #write(level: string, message: string, fields: LogFields): void {
    const timestamp = new Date(this.#world.now()).toISOString();
    this.#writeLine(JSON.stringify({ level, message, service: 'host', timestamp, ...fields }));
  }
}
