import type { Refuse } from './intrinsics.ts';

/** Name of the queue of an ARN (`arn:aws:sqs:<region>:<account>:<name>`). */
export function queueNameIn(arn: string, refuse: Refuse): string {
  return (
    /^arn:[a-z-]+:sqs:[a-z0-9-]+:\d{12}:([A-Za-z0-9_-]{1,80})$/.exec(arn)?.[1] ??
    refuse('must be the ARN of a queue')
  );
}

/** Name of the queue of a URL (`https://sqs.<region>.amazonaws.com/<account>/<name>`). */
export function queueNameAt(url: string, refuse: Refuse): string {
  return (
    /^https:\/\/sqs\.[a-z0-9-]+\.amazonaws\.com\/\d{12}\/([A-Za-z0-9_-]{1,80})$/.exec(url)?.[1] ??
    refuse('must be the URL of a queue')
  );
}

/** Name of the table of a stream's ARN (`arn:aws:dynamodb:...:table/<name>/stream/<label>`). */
export function tableNameIn(streamArn: string, refuse: Refuse): string {
  return (
    /^arn:[a-z-]+:dynamodb:[a-z0-9-]+:\d{12}:table\/([A-Za-z0-9_.-]+)\/stream\/.+$/.exec(streamArn)?.[1] ??
    refuse('must be the ARN of a stream')
  );
}

/** Name of a bus, given its name or its ARN (`arn:aws:events:...:event-bus/<name>`). */
export function busNameOf(nameOrArn: string, refuse: Refuse): string {
  return (
    /^(?:arn:[a-z-]+:events:[a-z0-9-]+:\d{12}:event-bus\/)?([A-Za-z0-9._-]+)$/.exec(nameOrArn)?.[1] ??
    refuse('must be the name or ARN of a bus')
  );
}
