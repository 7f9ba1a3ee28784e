import { ConfigurationError, EvenkeelError } from '#shared/errors/errors.ts';

/** A rule's SQL is not valid or asks for what the host does not offer; thrown when the rule is compiled, at start. */
export class UnsupportedSqlError extends ConfigurationError {
  /** Position in the SQL, from 1. */
  readonly at: number;

  constructor(at: number, rule: string) {
    super(`IoT SQL at ${at}: ${rule}`);
    this.at = at;
  }
}

/** A message that a rule cannot be applied to. As on AWS it reaches neither the rule's actions nor its error action. */
export class SqlFaultError extends EvenkeelError {
  constructor(rule: string, options?: ErrorOptions) {
    super('sql-fault', rule, options);
  }
}
