/** Fields of a message, whatever they hold. */
export type Fields = Readonly<Record<string, unknown>>;

/** A message of a device, or an event, that a function has answered for: nobody delivers it again. */
export interface Taken {
  /** The function, by the name of its folder. */
  readonly by: string;
  /** When it was called with it, in true time. */
  readonly beganMs: number;
  /** The device that sent it and when the broker took it; absent for an event of another service. */
  readonly from?: { readonly thing: string; readonly atMs: number };
  /** What it says; absent for bytes that are no JSON. */
  readonly body?: Fields;
}

/** How a function was called and what it answered. */
export interface Answered {
  readonly by: string;
  readonly beganMs: number;
  readonly event: unknown;
  readonly answer: unknown;
}

/** What a function has taken off its queue, or off the bus, by its answer: every record that it does not name as failed. */
export function takenBy({ by, beganMs, event, answer }: Answered): Taken[] {
  const { Records: records, detail } = event as {
    readonly Records?: readonly { readonly messageId: string; readonly body: string }[];
    readonly detail?: Fields;
  };
  if (records === undefined) return detail === undefined ? [] : [{ by, beganMs, body: detail }];
  const { batchItemFailures = [] } = answer as {
    readonly batchItemFailures?: readonly { readonly itemIdentifier: string }[];
  };
  const failed = new Set(batchItemFailures.map(({ itemIdentifier }) => itemIdentifier));
  return records.flatMap(({ messageId, body }): Taken[] => {
    const message = failed.has(messageId) ? undefined : messageIn(body);
    return message === undefined ? [] : [{ by, beganMs, ...message }];
  });
}

/** The message of a device that a rule has put into a queue; nothing for what no device can have sent. */
export function messageIn(text: string): Pick<Taken, 'from' | 'body'> | undefined {
  const { thing, client, at, payload } = readFields(text) ?? {};
  if (typeof payload !== 'string' || typeof thing !== 'string' || client !== thing) return undefined;
  const body = readFields(Buffer.from(payload, 'base64').toString());
  return { from: { thing, atMs: Number(at) }, ...(body && { body }) };
}

/** The fields of a text of JSON; nothing where it is none, or no object. */
export function readFields(text: string): Fields | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Fields) : undefined;
  } catch {
    return undefined;
  }
}
