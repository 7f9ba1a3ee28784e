/** What was asked for, each with its answer: for answers that come in the order asked. Throws `RangeError` where they are not as many. */
export function paired<Asked, Answer>(
  asked: readonly Asked[],
  answers: readonly Answer[],
): (readonly [Asked, Answer])[] {
  if (asked.length !== answers.length)
    throw new RangeError(`${answers.length} answers to ${asked.length} that were asked for`);
  // There are as many, so that each index of the one is an index of the other.
  return asked.map((one, index) => [one, answers[index] as Answer] as const);
}
