/** An XML element. */
export function tag(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

/** Text as it may stand in XML. */
export function escaped(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
