/** Where deploying tells what it does. */
export interface Progress {
  /** A line that stays. */
  line(text: string): void;
  /** How far something is; the next one takes its place. */
  now(text: string): void;
}

/** Where no terminal is, a log would fill with states. */
const QUIET_MS = 15_000;

/** On a terminal the present state is one line that changes; elsewhere it is a line at most each 15 s. */
export function progressOn(
  stream: { readonly isTTY?: boolean; write(text: string): unknown },
  nowMs: () => number,
): Progress {
  let isShown = false;
  let toldMs = Number.NEGATIVE_INFINITY;
  const clear = () => {
    if (isShown) stream.write('\r\u001b[2K');
    isShown = false;
  };
  return {
    line(text) {
      clear();
      stream.write(`${text}\n`);
      toldMs = nowMs();
    },
    now(text) {
      if (stream.isTTY === true) {
        clear();
        stream.write(text);
        isShown = true;
      } else if (nowMs() - toldMs >= QUIET_MS) {
        stream.write(`${text}\n`);
        toldMs = nowMs();
      }
    },
  };
}
