import { Logger, type LogItem } from '@aws-lambda-powertools/logger';
import type { ConstructorOptions } from '@aws-lambda-powertools/logger/types';
import type { WriteLine } from '#shared/capabilities/home.ts';

/** Powertools' logger, writing its JSON lines where the home says instead of to standard output. */
export class LineLogger extends Logger {
  readonly #writeLine: WriteLine;

  constructor(options: ConstructorOptions, writeLine: WriteLine) {
    super(options);
    this.#writeLine = writeLine;
  }

  /** Lines are never held back, so that there is nothing to look for after each invocation. */
  override clearBuffer(): void {
    return;
  }

  protected override printLog(_level: number, item: LogItem): void {
    item.prepareForPrint();
    this.#writeLine(JSON.stringify(item.getAttributes(), this.getJsonReplacer()));
  }
}
