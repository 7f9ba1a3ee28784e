import { at } from '../template.ts';
import type { Fault } from './finding.ts';
import type { StackTemplate } from './stack.ts';

/** CloudFormation takes 500; a stack that has more cannot even be mended. */
const MOST_RESOURCES = 400;
/** What CloudFormation takes from a bucket. */
const MOST_TEMPLATE_BYTES = 1_048_576;
/** CodeDeploy looks at ten alarms. */
const MOST_ALARMS_OF_A_GROUP = 10;
/** IAM and Lambda. */
const LONGEST_NAME = 64;
const LONGEST_REGION = 'ap-southeast-1';
/** What has a name of ours in CloudFront, where an account has one for all Regions. */
const OF_ALL_REGIONS = [
  'AWS::CloudFront::PublicKey',
  'AWS::CloudFront::KeyGroup',
  'AWS::CloudFront::OriginAccessControl',
];

/** A stack stays well below what AWS takes, and so do the names that are made of others, in the Region where they are longest. */
export function size(stack: StackTemplate): Fault[] {
  const faults: Fault[] = [];
  const count = Object.keys(stack.resources).length;
  if (count > MOST_RESOURCES) {
    const message = `has ${count} resources, and may have ${MOST_RESOURCES}`;
    faults.push({ resource: '', rule: 'stack-is-small', message });
  }
  const bytes = Buffer.byteLength(JSON.stringify(stack.resources));
  if (bytes > MOST_TEMPLATE_BYTES) {
    const message = `has ${bytes} bytes, and may have ${MOST_TEMPLATE_BYTES}`;
    faults.push({ resource: '', rule: 'stack-is-small', message });
  }
  for (const [id, { Properties }] of stack.ofType('AWS::CodeDeploy::DeploymentGroup')) {
    const alarms = at(Properties, 'AlarmConfiguration', 'Alarms');
    if (Array.isArray(alarms) && alarms.length > MOST_ALARMS_OF_A_GROUP)
      faults.push({ resource: id, rule: 'stack-is-small', message: `watches ${alarms.length} alarms` });
  }
  const named = [
    ...stack
      .ofType('AWS::Lambda::Function')
      .map(([id, { Properties }]) => [id, Properties.FunctionName] as const),
    ...stack.ofType('AWS::IAM::Role').map(([id, { Properties }]) => [id, Properties.RoleName] as const),
  ];
  for (const [id, name] of named) {
    const text = nameIn(name);
    if (text.length <= LONGEST_NAME) continue;
    const message = `would be named ${text} in ${LONGEST_REGION}: ${text.length} characters, and AWS takes ${LONGEST_NAME}`;
    faults.push({ resource: id, rule: 'name-fits-everywhere', message });
  }
  for (const type of OF_ALL_REGIONS)
    for (const [id, { Properties }] of stack.ofType(type))
      if (!JSON.stringify(Properties).match(/"Name":\{"Fn::Sub":"[^"]*\$\{AWS::Region\}"\}/))
        faults.push({
          resource: id,
          rule: 'global-name-has-region',
          message:
            'must have a name that ends in the Region: its name is taken for all Regions, and a stage may be in two',
        });
  return faults;
}

function nameIn(name: unknown): string {
  if (typeof name === 'string') return name;
  if (at(name, 'Ref') === 'AWS::Region') return LONGEST_REGION;
  const [separator, parts] = Object(at(name, 'Fn::Join') ?? []);
  return Array.isArray(parts) ? parts.map(nameIn).join(String(separator)) : '';
}
