import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeUtf16 } from '../../../packet/text.ts';
import { decodeWimXml } from './xml.ts';

/** One image of a WIM's XML data: its number, its name, and its IMAGE element as it stands there. */
export interface WimImageElement {
  readonly index: number;
  readonly name: string;
  readonly xml: string;
}

/**
 * The IMAGE elements of a WIM's XML data, text and all: what a deployment server hands to its clients (MS-WDSOSD
 * section 2.2.6).
 */
export function decodeWimImageElements(bytes: Uint8Array): WimImageElement[] | Malformed {
  const images = decodeWimXml(bytes);
  if (isMalformed(images)) return images;
  // IMAGE elements do not nest; what the parser took for one begins and ends with these tags.
  const elements = decodeUtf16(bytes).match(/<IMAGE[\s>][\s\S]*?<\/IMAGE\s*>/g) ?? [];
  return images.flatMap(({ index, name }, i) => (elements[i] === undefined ? [] : [{ index, name, xml: elements[i] }]));
}
