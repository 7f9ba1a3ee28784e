import { CelEngine, TemplateFile } from '@aws/cloudformation-validate';
import type { Finding } from './finding.ts';

/** Only WARN to the validator, but a value that AWS would refuse, or a number that is a text. */
const WARNINGS_THAT_COUNT = new Set(['W3030', 'W9003']);
const SEVERE = new Set(['ERROR', 'FATAL']);

/** AWS's own validator over one template file (schemas, references, cycles): what would fail, or deploy as something else. */
export function validated(stack: string, file: string, region: string): Finding[] {
  const engine = new CelEngine();
  try {
    const report = engine.validateStandard(new TemplateFile(file), {
      pseudoParameterOverrides: { region },
    });
    const unfinished =
      report.status === 'OK'
        ? []
        : [
            {
              stack,
              resource: '',
              rule: 'template-is-validated',
              message: `was not validated: ${report.status}`,
            },
          ];
    const found = report.diagnostics
      .filter(({ severity, ruleId }) => SEVERE.has(severity) || WARNINGS_THAT_COUNT.has(ruleId))
      .map(({ ruleId, entity, propertyPath = '', message }) => ({
        stack,
        resource: entity?.logicalId ?? '',
        rule: ruleId,
        message: `${propertyPath}: ${message}`,
      }));
    return [...unfinished, ...found];
  } finally {
    engine.free();
  }
}
