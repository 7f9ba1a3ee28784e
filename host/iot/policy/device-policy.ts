import { matchesPattern, parsePattern } from '#host/rights/wildcard-pattern.ts';
import { ConfigurationError } from '#shared/errors/errors.ts';
import type { DeviceIdentity } from './device-identity.ts';
import { type DeviceStatement, readPolicyDocument } from './read-policy-document.ts';
import { compileResource, type ResourcePattern } from './resource-pattern.ts';

/** Kind of resource of each action that the broker asks for (AWS IoT Core developer guide, "Policy actions"). */
const RESOURCE_KIND = {
  'iot:Connect': 'client',
  'iot:Publish': 'topic',
  'iot:RetainPublish': 'topic',
  'iot:Receive': 'topic',
  'iot:Subscribe': 'topicfilter',
} as const;

/** What a device may want to do. */
export type DeviceAction = keyof typeof RESOURCE_KIND;
// The keys of the record above; `Object.keys` forgets their names.
const ACTIONS = Object.keys(RESOURCE_KIND) as readonly DeviceAction[];

/** The account whose devices the policy is for. */
export interface PolicyAccount {
  readonly region: string;
  readonly accountId: string;
  /** `aws` unless told. */
  readonly partition?: string;
}

/** A policy document, compiled. */
export interface DevicePolicy {
  /**
   * Whether the device may do that. `name` is the client id for `iot:Connect`, the topic filter as it was sent for
   * `iot:Subscribe`, and the topic, with its Basic Ingest prefix, for all else.
   */
  allows(action: DeviceAction, name: string, identity: DeviceIdentity): boolean;
}

interface Rule {
  readonly effect: 'Allow' | 'Deny';
  readonly resources: readonly ResourcePattern[];
  readonly whenAttached: boolean | undefined;
}

/**
 * Compiles an AWS IoT policy document: a Deny that matches wins, then an Allow that matches allows, and all else is denied.
 * Throws `ConfigurationError` for what the host does not enforce, by name, and for an action that no device has.
 */
export function compilePolicy(
  document: unknown,
  { region, accountId, partition = 'aws' }: PolicyAccount,
): DevicePolicy {
  const statements = readPolicyDocument(document).map((statement, at) => ({
    actions: statement.Action.flatMap((pattern) => actionsOf(pattern, at)),
    rule: compileStatement(statement, at),
  }));
  const rulesOf = (action: DeviceAction, effect: Rule['effect']): readonly Rule[] =>
    statements
      .filter(({ actions, rule }) => rule.effect === effect && actions.includes(action))
      .map(({ rule }) => rule);
  const compiled = new Map(
    ACTIONS.map((action) => [
      action,
      {
        prefix: `arn:${partition}:iot:${region}:${accountId}:${RESOURCE_KIND[action]}/`,
        denied: rulesOf(action, 'Deny'),
        allowed: rulesOf(action, 'Allow'),
      },
    ]),
  );
  return {
    allows: (action, name, identity) => {
      const rules = compiled.get(action);
      if (rules === undefined) return false;
      const arn = rules.prefix + name;
      const matches = (rule: Rule): boolean => isMatch(rule, arn, identity);
      return !rules.denied.some(matches) && rules.allowed.some(matches);
    },
  };
}

function isMatch({ resources, whenAttached }: Rule, arn: string, identity: DeviceIdentity): boolean {
  if (whenAttached !== undefined && whenAttached !== identity.isAttached) return false;
  return resources.some((matches) => matches(arn, identity));
}

function compileStatement({ Effect, Resource, Condition }: DeviceStatement, at: number): Rule {
  const isAttached = Condition?.Bool['iot:Connection.Thing.IsAttached'];
  return {
    effect: Effect,
    resources: Resource.map((resource) =>
      compileResource(resource, Effect, (rule) => {
        throw new ConfigurationError(`device policy: statement ${at}: ${resource} ${rule}`);
      }),
    ),
    whenAttached: isAttached === undefined ? undefined : isAttached === 'true',
  };
}

function actionsOf(pattern: string, at: number): DeviceAction[] {
  const parts = parsePattern(pattern.toLowerCase());
  const actions = ACTIONS.filter((action) => matchesPattern(parts, action.toLowerCase()));
  if (actions.length > 0) return actions;
  throw new ConfigurationError(`device policy: statement ${at}: action ${pattern} is none of a device's`);
}
