import { createRequire } from 'node:module';
import type * as FastXmlParser from 'fast-xml-parser';
import { malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeUtf16 } from '../../../packet/text.ts';

/** What a WIM's XML data says about one image. */
export interface WimImage {
  readonly index: number;
  readonly name: string;
  readonly totalBytes: number;
  readonly description?: string;
  readonly fileCount?: number;
  readonly directoryCount?: number;
  /** Windows CPU code: 0 x86, 9 x64, 12 ARM64. */
  readonly architecture?: number;
}

/** Bytes of XML data that are read at most: Windows media with a dozen images has some 50 kB. */
export const WIM_XML_LIMIT = 4 * 1024 * 1024;

// Its CommonJS form is one file, its ES modules are forty: 3 ms of every start instead of 20.
const { XMLParser } = createRequire(import.meta.url)('fast-xml-parser') as typeof FastXmlParser;

// Entities are left as they stand but for the five of XML itself: documents from the wire may define their own.
const parser = new XMLParser({
  ignoreAttributes: false,
  attributeNamePrefix: '@',
  parseTagValue: false,
  parseAttributeValue: false,
  processEntities: false,
  isArray: (name) => name === 'IMAGE',
});

/** The images that a WIM's XML data (UTF-16LE with a byte order mark) lists, in its order. */
export function decodeWimXml(bytes: Uint8Array): WimImage[] | Malformed {
  if (bytes.length > WIM_XML_LIMIT)
    return malformed(
      'wim',
      `the XML data has ${bytes.length} bytes, more than the ${WIM_XML_LIMIT} that are read`,
      bytes,
    );
  if (bytes.length % 2 !== 0)
    return malformed('wim', `the XML data must be UTF-16 but has an odd ${bytes.length} bytes`, bytes);
  const text = decodeUtf16(bytes)
    .replace(/^\ufeff/, '')
    .replace(/\0+$/, '');
  if (/<!DOCTYPE/i.test(text))
    return malformed('wim', 'the XML data has a document type, which WIM files never have', bytes);
  // The parser takes what it gets; a document that was cut shows by its last tag.
  if (!/<\/WIM\s*>\s*$/.test(text.slice(-64)))
    return malformed('wim', 'the XML data does not end with </WIM>', bytes, bytes.length);
  const root = parse(text);
  if (typeof root === 'string') return malformed('wim', `the XML data does not parse: ${root}`, bytes);
  const wim = child(root, 'WIM');
  if (wim === undefined) return malformed('wim', 'the XML data has no WIM element', bytes);
  const images = child(wim, 'IMAGE');
  const decoded = (Array.isArray(images) ? images : []).map(imageOf);
  const nameless = decoded.findIndex((image) => !Number.isSafeInteger(image.index));
  return nameless < 0 ? decoded : malformed('wim', `image element ${nameless + 1} has no INDEX`, bytes);
}

function parse(text: string): unknown {
  try {
    return parser.parse(text);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function imageOf(element: unknown): WimImage {
  const description = textOf(element, 'DESCRIPTION');
  const fileCount = numberOf(element, 'FILECOUNT');
  const directoryCount = numberOf(element, 'DIRCOUNT');
  const architecture = numberOf(child(element, 'WINDOWS'), 'ARCH');
  return {
    index: numberOf(element, '@INDEX') ?? NaN,
    name: textOf(element, 'NAME') ?? '',
    totalBytes: numberOf(element, 'TOTALBYTES') ?? 0,
    ...(description === undefined ? {} : { description }),
    ...(fileCount === undefined ? {} : { fileCount }),
    ...(directoryCount === undefined ? {} : { directoryCount }),
    ...(architecture === undefined ? {} : { architecture }),
  };
}

function child(element: unknown, name: string): unknown {
  return typeof element === 'object' && element !== null && Object.hasOwn(element, name)
    ? (element as Record<string, unknown>)[name]
    : undefined;
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&lt;': '<',
  '&gt;': '>',
  '&amp;': '&',
  '&quot;': '"',
  '&apos;': "'",
};

function textOf(element: unknown, name: string): string | undefined {
  const value = child(element, name);
  return typeof value === 'string'
    ? value.replaceAll(/&(?:lt|gt|amp|quot|apos);/g, (entity) => ENTITIES[entity] ?? entity)
    : undefined;
}

function numberOf(element: unknown, name: string): number | undefined {
  const text = textOf(element, name);
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined;
}
