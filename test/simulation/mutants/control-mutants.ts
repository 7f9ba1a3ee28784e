import type { Mutant } from './mutant.ts';
import { OBJECTIONS, SERVICE } from './places.ts';

/** Builds that tell, or let be told, what is not so. */
export const CONTROL_MUTANTS: readonly Mutant[] = [
  {
    name: 'tenants-mixed',
    breaks: 10,
    what: 'devices are offered the rollouts of every tenant',
    edits: [
      {
        file: `${SERVICE}/stores/active-list-store.ts`,
        // biome-ignore lint/suspicious/noTemplateCurlyInString: it is source text
        find: '...(of && { prefix: `${of.tenant}#${of.product}#` }),',
        replace: '',
      },
      {
        file: OBJECTIONS,
        find: "if (rollout.tenant !== facts.tenant || rollout.product !== facts.product) return 'other-product';",
        replace: '',
      },
    ],
  },
  {
    name: 'strangers-may-look',
    breaks: 10,
    what: 'an operator sees and commands the rollouts of other tenants',
    edits: [
      {
        file: `${SERVICE}/steps/control-rollout.ts`,
        find: 'if (whole?.record.tenant !== tenant) throw',
        replace: 'if (whole === undefined) throw',
      },
    ],
  },
  {
    name: 'no-audit',
    breaks: 11,
    what: 'a change of a rollout leaves no audit entry',
    edits: [{ file: `${SERVICE}/stores/control-store.ts`, find: '    auditEntry(audit),\n', replace: '' }],
  },
  {
    name: 'excuses-unwritten',
    breaks: 11,
    what: 'who excuses devices is written down only once the rollout has resumed',
    edits: [
      {
        file: `${SERVICE}/functions/resume-rollout/resume-rollout.ts`,
        find: '      if (!isWrittenDown) await writeDown(whole, { excuse, reason, actor }, needs);\n',
        replace: '',
      },
    ],
  },
  {
    name: 'chain-cut',
    breaks: 11,
    what: 'a seal does not name the one before it',
    edits: [
      {
        file: 'shared/audit/seal-audit.ts',
        find: '      ...(head && { previous: sha256Of(head.text) }),\n',
        replace: '',
      },
    ],
  },
  {
    name: 'devices-unsealed',
    breaks: 11,
    what: 'decisions about devices are written down so that they cannot be sealed',
    edits: [{ file: 'services/device-registry/stores/audit-entry.ts', find: '      id,\n', replace: '' }],
  },
  {
    name: 'why-differs',
    breaks: 17,
    what: 'why says that a device gets nothing although it is offered a release',
    edits: [
      {
        file: `${SERVICE}/functions/explain-device/explain-device.ts`,
        find: 'decision: decision.kind,',
        replace: "decision: decision.kind === 'offer' ? 'nothing' : decision.kind,",
      },
    ],
  },
  {
    name: 'another-document-approved',
    breaks: 16,
    what: 'an approval counts whatever document was looked at',
    edits: [
      {
        file: `${SERVICE}/functions/approve-rollout/approve-rollout.ts`,
        find: 'const { documentSha256 } = body;',
        replace: 'let { documentSha256 } = body;',
      },
      {
        file: `${SERVICE}/functions/approve-rollout/approve-rollout.ts`,
        find: 'if (!isNewApproval(',
        replace: 'documentSha256 = its.documentSha256;\n    if (!isNewApproval(',
      },
    ],
  },
  {
    name: 'launched-unapproved',
    breaks: 16,
    what: 'a rollout is launched, and grants permits, before its document is approved',
    edits: [
      {
        file: `${SERVICE}/domain/lifecycle/change-rollout.ts`,
        find: '      refuseUnapproved(command.approvalsMissing);\n',
        replace: '',
      },
    ],
  },
];
