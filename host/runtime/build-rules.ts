import { compileRuleSql } from '#host/iot/sql/compile-rule-sql.ts';
import type { TopicRuleAction } from '#host/serverless/resource-definitions.ts';
import type { FunctionDefinition, ServiceDefinition } from '#host/serverless/service-definition.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { World } from '#shared/world/world.ts';
import { AsyncInvoker } from './async-invoker.ts';
import type { Functions } from './functions.ts';
import { toFailureDestination } from './given-up.ts';
import type { HostLog } from './host-log.ts';
import type { HostResources } from './resources.ts';
import { type IotRule, IotRules, type RuleAction } from './triggers/iot-rules.ts';

/** What the actions of rules lead to. */
export interface RuleParts {
  readonly resources: HostResources;
  readonly functions: Functions;
  readonly world: World;
  readonly log: HostLog;
}

/** The rules engine of these rules, and the asynchronous invocations behind it. */
export interface BuiltRules {
  readonly rules: IotRules;
  readonly invokers: readonly AsyncInvoker[];
}

/** Compiles the rules that are not disabled. Throws `ConfigurationError` for SQL or an action that is not supported. */
export function buildRules(services: readonly ServiceDefinition[], parts: RuleParts): BuiltRules {
  const invokers = new Map<string, AsyncInvoker>();
  const invokerOf = (definition: FunctionDefinition): AsyncInvoker => {
    const { functions, world, log } = parts;
    const { name, asynchronous } = definition;
    const pool = functions.pool(name);
    const options = { ...asynchronous, concurrency: pool.concurrency };
    const onGivenUp = toFailureDestination(definition, parts);
    const invoker = invokers.get(name) ?? new AsyncInvoker({ pool, world, log, onGivenUp }, options);
    invokers.set(name, invoker);
    return invoker;
  };
  const actionOf = (action: TopicRuleAction, service: ServiceDefinition): RuleAction => {
    if (action.kind === 'lambda') {
      const target = service.functions.find(({ key }) => key === action.functionKey);
      if (target === undefined)
        throw new ConfigurationError(`a rule names ${action.functionKey}, which is not there`);
      return { kind: 'function', name: target.name, invoker: invokerOf(target) };
    }
    if (action.useBase64) throw new ConfigurationError(`${action.queueName}: UseBase64 is not supported`);
    return { kind: 'queue', name: action.queueName, queue: parts.resources.outlet(action.queueName) };
  };
  const built = services.flatMap((service) =>
    service.topicRules
      .filter(({ disabled }) => !disabled)
      .map(
        ({ name, sql, actions, errorAction }): IotRule => ({
          name,
          sql: compileRuleSql(sql),
          actions: actions.map((action) => actionOf(action, service)),
          ...(errorAction !== undefined && { errorAction: actionOf(errorAction, service) }),
        }),
      ),
  );
  return { rules: new IotRules(built, parts.log), invokers: [...invokers.values()] };
}
