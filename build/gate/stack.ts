import {
  at,
  idIn,
  listOf,
  ofType,
  type Resource,
  type Resources,
  type Target,
  type Template,
  targetOf,
} from '../template.ts';

/** A statement of a role or policy, its parts as lists. */
export interface Statement {
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly unknown[];
}

/** A packaged template, as the rules of the gate look at it. */
export class StackTemplate {
  /** Folder of the service, or `platform`. */
  readonly name: string;
  readonly resources: Resources;

  constructor(name: string, { Resources }: Template) {
    this.name = name;
    this.resources = Resources;
  }

  ofType(type: string): readonly (readonly [id: string, Resource])[] {
    return ofType(this.resources, type);
  }

  /** Our own functions by logical id; what the framework makes for itself is not among them. */
  functions(): readonly (readonly [id: string, Resource])[] {
    return this.ofType('AWS::Lambda::Function').filter(([id]) => !isOfTheFramework(id));
  }

  /** The function and qualifier that a value names; `undefined` for anything that is no function of this template. */
  target(value: unknown): Target | undefined {
    return targetOf(this.resources, value);
  }

  /** What a function invokes, or is invoked by: every trigger in the template with its target. */
  triggers(): readonly Trigger[] {
    const rules = this.ofType('AWS::Events::Rule').flatMap(([id, { Properties }]) =>
      listOf(Properties.Targets).map((target) => this.#trigger(id, 'event', at(target, 'Arn'))),
    );
    const topicRules = this.ofType('AWS::IoT::TopicRule').flatMap(([id, { Properties }]) =>
      listOf(at(Properties, 'TopicRulePayload', 'Actions'))
        .map((action) => at(action, 'Lambda', 'FunctionArn'))
        .filter((arn) => arn !== undefined)
        .map((arn) => this.#trigger(id, 'device', arn)),
    );
    const mappings = this.ofType('AWS::Lambda::EventSourceMapping').map(([id, { Properties }]) =>
      this.#trigger(id, 'mapping', Properties.FunctionName),
    );
    const integrations = this.ofType('AWS::ApiGatewayV2::Integration').map(([id, { Properties }]) =>
      this.#trigger(id, 'http', Properties.IntegrationUri),
    );
    const uploads = this.ofType('Custom::S3').map(([id, { Properties }]): Trigger => {
      const functionId = this.functions().find(
        ([, { Properties: of }]) => of.FunctionName === Properties.FunctionName,
      )?.[0];
      const qualifier = String(Properties.FunctionQualifier ?? '$LATEST');
      return { id, kind: 'upload', target: functionId === undefined ? undefined : { functionId, qualifier } };
    });
    return [...rules, ...topicRules, ...mappings, ...integrations, ...uploads];
  }

  #trigger(id: string, kind: Trigger['kind'], value: unknown): Trigger {
    return { id, kind, target: this.target(value) };
  }

  /** The statements of a role; of its own policies only. */
  statementsOf(roleId: string | undefined): readonly Statement[] {
    const policies = listOf(at(this.resources, roleId ?? '', 'Properties', 'Policies'));
    return policies.flatMap((policy) => statementsIn(at(policy, 'PolicyDocument')));
  }

  /** Whether a role may send to a queue of this template. */
  maySendTo(roleId: string | undefined, queueId: string): boolean {
    return this.statementsOf(roleId).some(
      ({ effect, actions, resources }) =>
        effect === 'Allow' &&
        actions.includes('sqs:SendMessage') &&
        resources.some((resource) => idIn(resource) === queueId),
    );
  }

  /** Logical id of a function's role. */
  roleOf(functionId: string): string | undefined {
    return idIn(at(this.resources, functionId, 'Properties', 'Role'));
  }
}

/** Something that invokes functions. */
export interface Trigger {
  readonly id: string;
  /** `device`, `event` and `upload` invoke asynchronously. */
  readonly kind: 'event' | 'device' | 'mapping' | 'http' | 'upload';
  readonly target: Target | undefined;
}

/** The statements of a policy document. */
export function statementsIn(document: unknown): readonly Statement[] {
  return listOf(at(document, 'Statement')).map((statement) => ({
    effect: String(at(statement, 'Effect')),
    actions: listOf(at(statement, 'Action')).map(String),
    resources: listOf(at(statement, 'Resource')),
  }));
}

/** A name or ARN as far as its text is written out: `!Sub` as it is, joins joined; references as a word. */
export function textOf(resource: unknown): string {
  if (typeof resource === 'string') return resource;
  const sub = at(resource, 'Fn::Sub');
  if (sub !== undefined) return String(Array.isArray(sub) ? sub[0] : sub);
  const join = at(resource, 'Fn::Join');
  if (!Array.isArray(join)) return 'reference';
  return listOf(join[1]).map(textOf).join(String(join[0]));
}

/** The framework names what it makes for itself after `custom-resource-...`. */
function isOfTheFramework(functionId: string): boolean {
  return functionId.startsWith('CustomDashresource');
}
