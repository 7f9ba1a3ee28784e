import type { PublishTopic } from '#host/iot/publish-topic.ts';
import { RuleRouter } from '#host/iot/rule-router.ts';
import type { RuleOutput, RuleSql } from '#host/iot/sql/compile-rule-sql.ts';
import type { RuleMessage } from '#host/iot/sql/rule-message.ts';
import type { Queue } from '#shared/capabilities/queue.ts';
import { faultOf } from '#shared/errors/fault-of.ts';
import type { AsyncInvoker } from '../async-invoker.ts';
import type { HostLog } from '../host-log.ts';

/** Where the document that a rule's SQL makes goes. */
export type RuleAction = QueueAction | FunctionAction;

interface QueueAction {
  readonly kind: 'queue';
  readonly name: string;
  readonly queue: Queue;
}

interface FunctionAction {
  readonly kind: 'function';
  readonly name: string;
  readonly invoker: AsyncInvoker;
}

/** An IoT topic rule, ready to run. */
export interface IotRule {
  readonly name: string;
  readonly sql: RuleSql;
  readonly actions: readonly RuleAction[];
  readonly errorAction?: RuleAction;
}

/**
 * The rules engine: what a device publishes goes to the queues and functions of the rules that take it. Basic Ingest topics
 * name their rule, every other topic is offered to all.
 */
export class IotRules {
  readonly #router: RuleRouter<IotRule>;
  readonly #log: HostLog;

  /** `rules` are those that are not disabled. */
  constructor(rules: readonly IotRule[], log: HostLog) {
    this.#router = new RuleRouter(rules);
    this.#log = log;
  }

  /** Resolves once everything that the rules keep of this message is durable; an asynchronous invocation is not waited for. */
  async publish(to: PublishTopic, message: RuleMessage): Promise<void> {
    const rules = this.#router.rulesFor(to);
    if (rules.length === 0 && to.ruleName !== undefined) {
      this.#log.warn('a message names a rule that is not there', {
        rule: to.ruleName,
        client: message.clientId,
      });
    }
    const kept: Promise<void>[] = [];
    for (const rule of rules) this.#run(rule, message, kept);
    if (kept.length > 0) await Promise.all(kept);
  }

  /** Adds to `kept` what is not durable yet. */
  #run(rule: IotRule, message: RuleMessage, kept: Promise<void>[]): void {
    const document = this.#select(rule, message);
    if (document === undefined) return;
    for (const action of rule.actions) {
      if (action.kind === 'function') ask(action, document, message);
      else kept.push(this.#keep(rule, action, document, message));
    }
  }

  /** A fault in the SQL has no error action (as on AWS): it is logged, and nothing else happens. */
  #select(rule: IotRule, message: RuleMessage): RuleOutput | undefined {
    try {
      return rule.sql.run(message);
    } catch (error) {
      this.#log.error('the SQL of a rule failed', error, { rule: rule.name, topic: message.topic });
      return undefined;
    }
  }

  async #keep(rule: IotRule, action: QueueAction, document: RuleOutput, message: RuleMessage): Promise<void> {
    try {
      await send(action, document);
    } catch (error) {
      this.#log.error('an action of a rule failed', error, { rule: rule.name, action: action.name });
      const { errorAction } = rule;
      // Without an error action the message must not be acknowledged: the device sends it again.
      if (errorAction === undefined) throw error;
      const failure = failureOf(rule, action, message, error);
      if (errorAction.kind === 'function') ask(errorAction, failure, message);
      else await send(errorAction, failure);
    }
  }
}

/** What does not fit is dropped and counted there: only questions that are asked again go directly to a function. */
function ask({ invoker }: FunctionAction, document: unknown, { payload, clientId }: RuleMessage): void {
  invoker.accept(document, payload.length, clientId);
}

async function send({ name, queue }: QueueAction, document: unknown): Promise<void> {
  const { failed } = await queue.send([{ body: JSON.stringify(document) }]);
  if (failed.length > 0) throw new Error(`${name} did not take the message`);
}

/** What IoT Core hands to an error action. */
function failureOf(rule: IotRule, action: RuleAction, message: RuleMessage, error: unknown): unknown {
  return {
    ruleName: rule.name,
    topic: message.topic,
    clientId: message.clientId,
    base64OriginalPayload: Buffer.from(message.payload).toString('base64'),
    failures: [
      {
        failedAction: action.kind === 'queue' ? 'SqsAction' : 'LambdaAction',
        failedResource: action.name,
        errorMessage: faultOf(error).message,
      },
    ],
  };
}
