import { at } from '../template.ts';
import type { Fault } from './finding.ts';
import type { StackTemplate } from './stack.ts';

/** AWS IoT takes 2,048 characters without white space; the rest is for the next topic. */
const MOST_CHARACTERS = 1_800;
/** Where AWS IoT Core is, the places with the longest ARNs: commercial, GovCloud, China. */
const AccountId = '000000000000';
const LONGEST_PLACES = [
  { Partition: 'aws', Region: 'ap-southeast-1', AccountId },
  { Partition: 'aws-us-gov', Region: 'us-gov-west-1', AccountId },
  { Partition: 'aws-cn', Region: 'cn-northwest-1', AccountId },
];

/** The policy of devices fits with the longest Region. (The stage is in its name alone; policy variables stay as they are.) */
export function devicePolicy(stack: StackTemplate): Fault[] {
  return stack.ofType('AWS::IoT::Policy').flatMap(([id, { Properties }]) => {
    const characters = longestPolicy(Properties.PolicyDocument);
    if (characters <= MOST_CHARACTERS) return [];
    const message = `has ${characters} characters in the longest Region, and may have ${MOST_CHARACTERS}`;
    return [{ resource: id, rule: 'device-policy-fits', message }];
  });
}

/** Characters of a policy document in the Region where it is longest. */
export function longestPolicy(document: unknown): number {
  return Math.max(
    ...LONGEST_PLACES.map((place) => JSON.stringify(inPlace(document, place)).replace(/\s/g, '').length),
  );
}

function inPlace(value: unknown, place: (typeof LONGEST_PLACES)[number]): unknown {
  const sub = at(value, 'Fn::Sub');
  if (typeof sub === 'string') {
    return sub
      .replace(/\$\{AWS::(\w+)\}/g, (_all, name: string) => String(at(place, name)))
      .replaceAll('${!', '${');
  }
  if (Array.isArray(value)) return value.map((item) => inPlace(item, place));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, inPlace(inner, place)]));
}
