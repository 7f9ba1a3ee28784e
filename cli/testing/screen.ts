const UP = '\u001b[1A';
const CLEAR = '\u001b[2K';

/** The lines that a terminal shows after this output; lines, cursor up and clearing of a line are all that it knows. */
export function screenAfter(out: string): string[] {
  const lines: string[] = [];
  let at = 0;
  let left = out;
  while (left !== '') {
    if (left.startsWith(UP)) {
      at--;
      left = left.slice(UP.length);
    } else if (left.startsWith(CLEAR)) {
      lines[at] = '';
      left = left.slice(CLEAR.length);
    } else {
      if (left.startsWith('\n')) at++;
      else lines[at] = (lines[at] ?? '') + left[0];
      left = left.slice(1);
    }
  }
  while (lines.at(-1) === '') lines.pop();
  return lines;
}
