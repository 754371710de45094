import { XMLBuilder } from 'fast-xml-parser';

// eslint-disable-next-line @typescript-eslint/no-deprecated -- it is the package fast-xml-builder, which fast-xml-parser brings along
const builder = new XMLBuilder({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  format: true,
  indentBy: '  ',
  suppressEmptyNode: true,
  suppressBooleanAttributes: false,
});

/** An XML document of an object: a key with `@` is an attribute, an array repeats its element, `#text` is its text. */
export function xmlDocument(root: Readonly<Record<string, unknown>>): string {
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build(root)}`;
}
