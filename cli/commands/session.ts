import type { Command } from 'commander';
import { printableJson } from '#shared/program/printable-line.ts';
import { openClient } from '../actions/log-in.ts';
import type { ApiClient, Patience } from '../api-client.ts';
import type { Io } from '../io.ts';
import { keepTarget, type OidcTarget, pickNamed, readTargets, targetsPath } from '../targets.ts';

/** A host is up within seconds, after a crash within some more; who waits for longer wants to know. */
const PATIENCE_MS = 30_000;

/** Options that every command takes. */
interface GlobalOptions {
  readonly json?: boolean;
  readonly target?: string;
}

/** One run of one command: where it prints, and the backend it speaks to. */
export class Session {
  readonly io: Io;
  /** Results as JSON, nothing else on standard output. */
  readonly json: boolean;
  readonly #targetName: string | undefined;
  readonly #onExitCode: (exitCode: number) => void;
  #client: ApiClient | undefined;

  constructor(io: Io, options: GlobalOptions, onExitCode: (exitCode: number) => void) {
    this.io = io;
    this.json = options.json ?? false;
    this.#targetName = options.target;
    this.#onExitCode = onExitCode;
  }

  /** A client for the target that was named, or the current one. */
  async client(): Promise<ApiClient> {
    if (this.#client === undefined) {
      const file = targetsPath(this.io.env);
      const { name, target } = pickNamed(await readTargets(file), this.#targetName);
      const keep = (renewed: OidcTarget) => keepTarget(file, name, renewed);
      this.#client = await openClient(target, this.io.world, keep, this.patience);
    }
    return this.#client;
  }

  /** Half a minute for a backend that is being started again, which a person is told. */
  get patience(): Patience {
    return {
      forMs: PATIENCE_MS,
      onWait: ({ message, code }) => {
        const what = code === 'starting' ? 'the backend is starting' : message;
        this.note(`${what}; waiting up to ${PATIENCE_MS / 1000} s for it (ctrl-c ends this)\n`);
      },
    };
  }

  /** The result: as one JSON document, or as text for people. */
  show(document: unknown, text: string): void {
    this.io.out(this.json ? `${printableJson(document)}\n` : text);
  }

  /** A word to people on standard error; nothing where JSON was asked for. */
  note(text: string): void {
    if (!this.json) this.io.err(text);
  }

  /** The command ran, and ends with this code all the same. */
  endWith(exitCode: number): void {
    this.#onExitCode(exitCode);
  }

  /** Closes the client, if there was one. */
  close(): void {
    this.#client?.close();
  }
}

/** Makes a session for each command that is run and keeps the exit code. */
export class Shell {
  readonly #io: Io;
  exitCode = 0;

  constructor(io: Io) {
    this.#io = io;
  }

  /** Runs a command in a session of its own. */
  async run(command: Command, steps: (session: Session) => Promise<void>): Promise<void> {
    const session = new Session(this.#io, command.optsWithGlobals(), (exitCode) => {
      this.exitCode = exitCode;
    });
    try {
      await steps(session);
    } finally {
      session.close();
    }
  }
}
