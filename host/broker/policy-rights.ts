import { compileStatements } from '#host/runtime/compile-statements.ts';
import type { DevicePolicyResource } from '#host/serverless/service-definition.ts';
import type { DeviceRights } from './device-rights.ts';

/** Interim: replaced by host/iot/policy. */
export function policyRights(policies: readonly DevicePolicyResource[]): DeviceRights {
  const document = policies[0]?.document as unknown as {
    Statement: { Effect: 'Allow'; Action: string; Resource: string | string[] }[];
  };
  return {
    allows(action, resource, { thing, attributes }) {
      const fill = (text: string) =>
        text
          .replaceAll('${iot:Connection.Thing.ThingName}', thing)
          .replace(
            /\$\{iot:Connection\.Thing\.Attributes\[([a-z]+)\]\}/g,
            (_all, name: string) => attributes[name] ?? '\0',
          );
      const statements = document.Statement.map(({ Effect, Action, Resource }) => ({
        effect: Effect,
        actions: [Action],
        resources: [Resource].flat().map(fill),
      }));
      return compileStatements(statements)(action, `arn:aws:iot:local:000000000000:${resource}`);
    },
  };
}
