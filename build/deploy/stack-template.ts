/** A resource as a template has it, its intrinsic functions not resolved. */
export interface StackResource {
  readonly Type: string;
  readonly Properties?: Readonly<Record<string, unknown>>;
  readonly Condition?: string;
  readonly DeletionPolicy?: string;
  readonly [attribute: string]: unknown;
}

/** A CloudFormation template, as far as deploying reads and changes it. */
export interface StackTemplate {
  readonly Resources: Readonly<Record<string, StackResource>>;
  readonly Parameters?: Readonly<Record<string, { readonly Default?: unknown }>>;
  readonly Conditions?: Readonly<Record<string, unknown>>;
  readonly Outputs?: Readonly<Record<string, unknown>>;
  readonly [section: string]: unknown;
}

/** What an intrinsic function of a template may depend on besides the template itself. */
export interface StackPlace {
  readonly accountId: string;
  readonly partition: string;
  readonly region: string;
  /** Values of the stack's parameters; a default holds where there is none. */
  readonly parameters: Readonly<Record<string, string>>;
}
