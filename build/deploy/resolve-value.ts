import {
  conditionHolds,
  type Refuse,
  resolveIntrinsics,
  type StackScope,
} from '#host/serverless/intrinsics.ts';
import type { StackPlace, StackResource, StackTemplate } from './stack-template.ts';

/** Thrown where a value depends on what CloudFormation alone knows: an identifier that AWS invents, another stack's export. */
class UnknownHereError extends Error {}

const refuse: Refuse = (rule) => {
  throw new UnknownHereError(rule);
};

/** Names and conditions of a template, as far as they follow from account, Region and parameters. */
export class TemplateValues {
  readonly #scope: StackScope;

  constructor({ Parameters = {}, Conditions = {} }: StackTemplate, place: StackPlace) {
    const { accountId, partition, region, parameters } = place;
    const pseudo: Readonly<Record<string, string>> = {
      'AWS::AccountId': accountId,
      'AWS::Partition': partition,
      'AWS::Region': region,
    };
    this.#scope = {
      ref: (id) => pseudo[id] ?? parameters[id] ?? textOf(Parameters[id]?.Default),
      attribute: () => undefined,
      imported: () => undefined,
      condition: (name) => Conditions[name],
    };
  }

  /** The text that a value comes to; `undefined` for none, and for what is not known before the stack is there. */
  text(value: unknown): string | undefined {
    if (value === undefined) return undefined;
    try {
      return textOf(resolveIntrinsics(value, this.#scope, refuse));
    } catch (error) {
      if (error instanceof UnknownHereError) return undefined;
      throw error;
    }
  }

  /** Whether the stack has that resource with these parameters. */
  exists({ Condition }: StackResource): boolean {
    return Condition === undefined || conditionHolds(Condition, this.#scope, refuse);
  }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
