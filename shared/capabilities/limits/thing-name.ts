import { RefusedError } from '#shared/errors/errors.ts';

/** `<tenant>:<deviceId>`, as the device protocol names devices. */
const THING = /^[a-z0-9-]{1,20}:[A-Za-z0-9_-]{1,43}$/;
/** AWS IoT: at most three attributes of a thing without a type, as ours are; names of 1 to 128 and values of at most 800 characters. */
const MOST_ATTRIBUTES = 3;
const ATTRIBUTE_NAME = /^[a-zA-Z0-9_.,@/:#-]{1,128}$/;
const ATTRIBUTE_VALUE = /^[a-zA-Z0-9_.,@/:#=[\]-]{0,800}$/;

/** Throws `RefusedError` unless `thing` is the name of a device. */
export function checkThing(thing: string): void {
  if (!THING.test(thing)) throw new RefusedError('thing', 'must be <tenant>:<deviceId>');
}

/** Throws `RefusedError` unless AWS IoT would take these as the attributes of a thing. */
export function checkAttributes(attributes: Readonly<Record<string, string>>): void {
  const entries = Object.entries(attributes);
  if (entries.length > MOST_ATTRIBUTES) {
    throw new RefusedError('attributes', `must be at most ${MOST_ATTRIBUTES}`);
  }
  for (const [name, value] of entries) {
    if (!ATTRIBUTE_NAME.test(name)) {
      throw new RefusedError('attributes', 'names must be 1 to 128 characters of a-zA-Z0-9_.,@/:#-');
    }
    if (!ATTRIBUTE_VALUE.test(value)) {
      throw new RefusedError(`attributes.${name}`, 'must be at most 800 characters of a-zA-Z0-9_.,@/:#=[]-');
    }
  }
}
