import { createInterface } from 'node:readline/promises';

/** The terminal that a person is asked on. */
interface Terminal {
  readonly input: NodeJS.ReadableStream;
  readonly output: NodeJS.WritableStream;
}

/** Asks a person and answers what was typed; who ends the question instead, by ctrl-c, ctrl-d or a hang-up, has said nothing. */
export async function askPerson(question: string, { input, output }: Terminal): Promise<string> {
  const lines = createInterface({ input, output });
  // Keys that end a question close the interface, and reject the question as well; the end of the input closes it alone.
  const ended = new Promise<undefined>((resolve) => lines.once('close', () => resolve(undefined)));
  const typed = lines.question(question).catch((error: unknown) => {
    if (error instanceof Error && error.name === 'AbortError') return undefined;
    throw error;
  });
  try {
    const answer = await Promise.race([typed, ended]);
    if (answer === undefined) output.write('\n');
    return answer ?? '';
  } finally {
    lines.close();
  }
}
