import { at } from '../template.ts';
import type { Fault } from './finding.ts';
import type { StackTemplate } from './stack.ts';

/** Every route asks for a token of the platform's one authorizer: a route without one is open to the world. */
export function routes(stack: StackTemplate): Fault[] {
  return stack
    .ofType('AWS::ApiGatewayV2::Route')
    .filter(
      ([, { Properties }]) =>
        Properties.AuthorizationType !== 'JWT' ||
        !/^evenkeel-.+-authorizer-id$/.test(String(at(Properties.AuthorizerId, 'Fn::ImportValue'))),
    )
    .map(([id, { Properties }]) => ({
      resource: id,
      rule: 'route-asks-for-token',
      message: `(${String(Properties.RouteKey)}) must ask for a token of the platform's authorizer`,
    }));
}
