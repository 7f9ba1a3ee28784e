/**
 * The identifiers of the records that a function's answer asks for again (Lambda developer guide, "Reporting batch item failures"):
 * none where the answer is empty, `undefined` where it cannot be read and so the whole batch has failed.
 */
export function itemFailuresIn(answer: unknown): readonly unknown[] | undefined {
  // Any answer may come: what is no object, or lacks the field, has nothing under that name.
  const { batchItemFailures = [] } = Object(answer) as { readonly batchItemFailures?: unknown };
  if (!Array.isArray(batchItemFailures)) return undefined;
  return batchItemFailures.map(
    (failure: { readonly itemIdentifier?: unknown } | null) => failure?.itemIdentifier,
  );
}
