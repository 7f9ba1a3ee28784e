/** An IAM statement, its intrinsic functions resolved: what is allowed or denied to a function. */
export interface PolicyStatement {
  readonly effect: 'Allow' | 'Deny';
  /** `dynamodb:GetItem`; `*` and `?` are wildcards. */
  readonly actions: readonly string[];
  /** ARNs; `*` and `?` are wildcards. */
  readonly resources: readonly string[];
}
