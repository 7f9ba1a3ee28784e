import type { DeviceIdentity } from './device-identity.ts';

/** A policy variable: its value for a device, or `undefined` when it has none. */
export type PolicyVariable = (identity: DeviceIdentity) => string | undefined;

const ATTRIBUTE = /^iot:Connection\.Thing\.Attributes\[([A-Za-z0-9_.,@/:#-]{1,128})\]$/;

/**
 * The variable of that name; `undefined` for one that the host does not know. Variables of the thing have a value only when
 * the client id is the thing's name, as AWS IoT Core demands ("Thing policy variables"). An empty value counts as none.
 */
export function policyVariableOf(name: string): PolicyVariable | undefined {
  if (name === 'iot:ClientId') return ({ clientId }) => nonEmpty(clientId);
  if (name === 'iot:Connection.Thing.ThingName') {
    return (identity) => (isOfItsThing(identity) ? nonEmpty(identity.thingName) : undefined);
  }
  const attribute = ATTRIBUTE.exec(name)?.[1];
  if (attribute === undefined) return undefined;
  return (identity) => {
    const { attributes } = identity;
    const isThere = isOfItsThing(identity) && Object.hasOwn(attributes, attribute);
    return isThere ? nonEmpty(attributes[attribute]) : undefined;
  };
}

const isOfItsThing = ({ clientId, thingName }: DeviceIdentity): boolean => clientId === thingName;

const nonEmpty = (value: string | undefined): string | undefined => (value === '' ? undefined : value);
