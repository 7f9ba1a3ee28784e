import { canonicalText, sha256Of } from '#shared/audit/seal.ts';

/**
 * The sha256 (lower-case hex) of a rollout document as the API shows it, whatever the order of its fields: who approves tells by it
 * which document was looked at.
 */
export const documentSha256 = (shown: unknown): string => sha256Of(canonicalText(shown));
