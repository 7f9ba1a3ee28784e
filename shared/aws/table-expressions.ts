import type { Condition, UpdateWrite, Value } from '#shared/capabilities/table.ts';
import { type SdkItem, wireItem } from './wire-item.ts';

/** The parts of a request that its expressions refer to; absent where nothing does, because DynamoDB refuses empty ones. */
export interface ExpressionParts {
  readonly ExpressionAttributeNames?: Record<string, string>;
  readonly ExpressionAttributeValues?: SdkItem;
}

/** Names and values of the expressions of one request, each under a placeholder of its own: any name may be a reserved word. */
export class Placeholders {
  readonly #names = new Map<string, string>();
  readonly #values = new Map<string, Value>();

  name(attribute: string): string {
    const known = this.#names.get(attribute);
    if (known !== undefined) return known;
    const placeholder = `#n${this.#names.size}`;
    this.#names.set(attribute, placeholder);
    return placeholder;
  }

  value(value: Value): string {
    const placeholder = `:v${this.#values.size}`;
    this.#values.set(placeholder, value);
    return placeholder;
  }

  parts(): ExpressionParts {
    const names = [...this.#names].map(([attribute, placeholder]) => [placeholder, attribute]);
    return {
      ...(this.#names.size > 0 && { ExpressionAttributeNames: Object.fromEntries(names) }),
      ...(this.#values.size > 0 && {
        ExpressionAttributeValues: wireItem(Object.fromEntries(this.#values)),
      }),
    };
  }
}

/** `when` as a ConditionExpression; `undefined` where there is no condition. */
export function conditionExpression(
  when: readonly Condition[] | undefined,
  placeholders: Placeholders,
): string | undefined {
  if (when === undefined || when.length === 0) return undefined;
  return when
    .map((condition) => {
      const name = placeholders.name(condition.attribute);
      if (condition.is === 'absent') return `attribute_not_exists(${name})`;
      return `${name} ${condition.is} ${placeholders.value(condition.value)}`;
    })
    .join(' AND ');
}

/** The changes of an update as an UpdateExpression; `undefined` when it changes nothing. */
export function updateExpression(write: UpdateWrite, placeholders: Placeholders): string | undefined {
  const pairs = (changes: Readonly<Record<string, Value>> | undefined, operator: string) =>
    Object.entries(changes ?? {}).map(
      ([attribute, value]) => `${placeholders.name(attribute)}${operator}${placeholders.value(value)}`,
    );
  const clauses = [
    ['SET', pairs(write.set, ' = ')],
    ['ADD', pairs(write.add, ' ')],
    ['REMOVE', (write.remove ?? []).map((attribute) => placeholders.name(attribute))],
  ] as const;
  const used = clauses.filter(([, parts]) => parts.length > 0);
  return used.length === 0 ? undefined : used.map(([verb, parts]) => `${verb} ${parts.join(', ')}`).join(' ');
}
