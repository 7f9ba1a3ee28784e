import type { DeviceIdentity } from '#host/iot/policy/device-identity.ts';
import { compilePolicy, type DeviceAction, type DevicePolicy } from '#host/iot/policy/device-policy.ts';
import { type DeviceStatement, readPolicyDocument } from '#host/iot/policy/read-policy-document.ts';
import type { Place } from '#host/serverless/place.ts';

interface Part {
  /** `<action> on <resource>`. */
  readonly text: string;
  readonly alone: DevicePolicy;
  isUsed: boolean;
}

/** The policy of all devices, which remembers by which resource of which statement each thing was allowed. */
export class UsedDevicePolicy implements DevicePolicy {
  readonly #whole: DevicePolicy;
  readonly #parts: readonly Part[];

  constructor(document: unknown, place: Place) {
    this.#whole = compilePolicy(document, place);
    this.#parts = readPolicyDocument(document).flatMap((statement) => partsOf(statement, place));
  }

  allows(action: DeviceAction, name: string, identity: DeviceIdentity): boolean {
    if (!this.#whole.allows(action, name, identity)) return false;
    for (const part of this.#parts) part.isUsed ||= part.alone.allows(action, name, identity);
    return true;
  }

  get used(): readonly string[] {
    return this.#parts.filter(({ isUsed }) => isUsed).map(({ text }) => text);
  }

  get unused(): readonly string[] {
    return this.#parts.filter(({ isUsed }) => !isUsed).map(({ text }) => text);
  }
}

/** Each action on each resource of a statement that allows, as a policy of its own. */
function partsOf(statement: DeviceStatement, place: Place): Part[] {
  if (statement.Effect === 'Deny') return [];
  return statement.Action.flatMap((action) =>
    statement.Resource.map((resource) => {
      const alone = { ...statement, Action: action, Resource: resource };
      const document = { Version: '2012-10-17', Statement: [alone] };
      return { text: `${action} on ${resource}`, alone: compilePolicy(document, place), isUsed: false };
    }),
  );
}
