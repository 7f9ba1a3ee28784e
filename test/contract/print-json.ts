const WIDTH = 110;

/** JSON for people who read differences: what fits on a line stands on one. */
export function printJson(value: unknown, indent = ''): string {
  const flat = JSON.stringify(value);
  if (typeof value !== 'object' || value === null || indent.length + flat.length <= WIDTH) return flat;
  const inner = `${indent}  `;
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const lines = Array.isArray(value)
    ? value.map((one) => printJson(one, inner))
    : Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${printJson(one, inner)}`);
  return `${open}\n${lines.map((line) => inner + line).join(',\n')}\n${indent}${close}`;
}
