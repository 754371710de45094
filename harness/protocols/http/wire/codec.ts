import { malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeText } from '../../../packet/text.ts';

// HTTP/1.1 heads (RFC 9112). Bodies are the meters' business: they get a length or "chunked" from here.

export interface HttpHeader {
  /** As written; header names compare without regard to case. */
  readonly name: string;
  readonly value: string;
}

interface HttpHead {
  readonly version: string;
  readonly headers: readonly HttpHeader[];
  /** Bytes of the head, its empty line included: the body begins there. */
  readonly headLength: number;
}

export interface HttpRequest extends HttpHead {
  readonly kind: 'http-request';
  readonly method: string;
  readonly target: string;
}

export interface HttpResponse extends HttpHead {
  readonly kind: 'http-response';
  readonly status: number;
  readonly reason: string;
}

/** Bytes that a head may have: servers in the field refuse more than 8 to 64 kB. */
export const HTTP_HEAD_LIMIT = 65_536;

/** Bytes of a request or status line that show whether it is one. */
const SHOWN_BYTES = 256;

/**
 * The head at the start of a stream's bytes; undefined while its empty line has not come yet. `seen`: so many of the
 * bytes were looked at before, and might become a head: a head that comes byte by byte is searched once.
 */
export function decodeHttpHead(bytes: Uint8Array, seen = 0): HttpRequest | HttpResponse | undefined | Malformed {
  const end = endOfHead(bytes, seen);
  if (end === undefined && seen >= SHOWN_BYTES && bytes.length <= HTTP_HEAD_LIMIT) return undefined;
  const start = decodeText(bytes.subarray(0, Math.min(bytes.length, SHOWN_BYTES)));
  if (!couldBeHttp(start))
    return malformed(
      'http',
      `expected a request line or a status line, got ${JSON.stringify(start.slice(0, 40))}`,
      bytes,
    );
  if (end === undefined)
    return bytes.length > HTTP_HEAD_LIMIT
      ? malformed('http', `the head does not end within ${HTTP_HEAD_LIMIT} bytes`, bytes)
      : undefined;
  const [first = '', ...lines] = decodeText(bytes.subarray(0, end.contentEnd)).split(/\r?\n/);
  const headers = decodeHeaders(lines, bytes);
  if ('kind' in headers) return headers;
  const response = /^HTTP\/(\d\.\d) (\d{3})(?: (.*))?$/.exec(first);
  if (response)
    return {
      kind: 'http-response',
      version: response[1] ?? '',
      status: Number(response[2]),
      reason: response[3] ?? '',
      headers,
      headLength: end.headLength,
    };
  const request = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP\/(\d\.\d)$/.exec(first);
  if (request)
    return {
      kind: 'http-request',
      method: request[1] ?? '',
      target: request[2] ?? '',
      version: request[3] ?? '',
      headers,
      headLength: end.headLength,
    };
  return malformed(
    'http',
    `expected a request line or a status line, got ${JSON.stringify(first.slice(0, 80))}`,
    bytes,
  );
}

/** The value of a header, several of the same name joined by commas (RFC 9110 section 5.3). */
export function httpHeader(head: Pick<HttpHead, 'headers'>, name: string): string | undefined {
  const values = head.headers
    .filter((header) => header.name.toLowerCase() === name.toLowerCase())
    .map((header) => header.value);
  return values.length > 0 ? values.join(', ') : undefined;
}

/** How a body's end is found (RFC 9112 section 6.3); `until-close` for a response that says nothing. */
export type HttpBodyFraming =
  | { readonly framing: 'none' | 'chunked' | 'until-close' }
  | { readonly framing: 'length'; readonly length: number };

/** Framing of the body after a head. Answers to HEAD have no body: `requestMethod` says so. */
export function httpBodyFraming(head: HttpRequest | HttpResponse, requestMethod?: string): HttpBodyFraming | Malformed {
  const isResponse = head.kind === 'http-response';
  if (isResponse && (requestMethod === 'HEAD' || head.status < 200 || head.status === 204 || head.status === 304))
    return { framing: 'none' };
  if (/(^|,)\s*chunked\s*$/i.test(httpHeader(head, 'transfer-encoding') ?? '')) return { framing: 'chunked' };
  const length = contentLength(head);
  if (typeof length === 'number') return { framing: 'length', length };
  return length ?? { framing: isResponse ? 'until-close' : 'none' };
}

/** Whether the connection ends after this message, by what its head says (RFC 9112 section 9.3). */
export function isLastMessage(head: HttpRequest | HttpResponse): boolean {
  const options = (httpHeader(head, 'connection') ?? '').toLowerCase().split(/\s*,\s*/);
  return options.includes('close') || (head.version === '1.0' && !options.includes('keep-alive'));
}

/** Content-Length as a number; several equal ones are one (RFC 9110 section 8.6). */
export function contentLength(head: HttpRequest | HttpResponse): number | undefined | Malformed {
  const text = httpHeader(head, 'content-length');
  if (text === undefined) return undefined;
  const values = new Set(text.split(',').map((part) => part.trim()));
  const [value = ''] = values;
  if (values.size === 1 && /^\d{1,15}$/.test(value)) return Number(value);
  return malformed('http', `content-length must be one number, got ${JSON.stringify(text)}`, new Uint8Array(0));
}

// CRLF CRLF, or bare line feeds, which RFC 9112 section 2.2 lets a recipient take. The first `seen` bytes hold no end, but
// perhaps its first two.
function endOfHead(bytes: Uint8Array, seen: number): { contentEnd: number; headLength: number } | undefined {
  for (
    let at = bytes.indexOf(10, Math.max(seen - 2, 0));
    at >= 0 && at < HTTP_HEAD_LIMIT;
    at = bytes.indexOf(10, at + 1)
  ) {
    const contentEnd = bytes[at - 1] === 13 ? at - 1 : at;
    if (bytes[at + 1] === 10) return { contentEnd, headLength: at + 2 };
    if (bytes[at + 1] === 13 && bytes[at + 2] === 10) return { contentEnd, headLength: at + 3 };
  }
  return undefined;
}

function decodeHeaders(lines: readonly string[], bytes: Uint8Array): HttpHeader[] | Malformed {
  const headers: HttpHeader[] = [];
  for (const line of lines) {
    const colon = line.indexOf(':');
    const name = line.slice(0, Math.max(colon, 0));
    // No white space in front of the colon, no folded lines (RFC 9112 sections 5.1, 5.2): both have been used to
    // smuggle.
    if (colon <= 0 || /\s/.test(name))
      return malformed('http', `expected a header line "name: value", got ${JSON.stringify(line.slice(0, 80))}`, bytes);
    headers.push({ name, value: line.slice(colon + 1).trim() });
  }
  return headers;
}

// A method is a token, and so is the beginning of "HTTP/1.1": anything else will not become HTTP with more bytes.
function couldBeHttp(start: string): boolean {
  return /^[!#$%&'*+.^_`|~0-9A-Za-z-]{0,32}($|[ /])/.test(start) && start !== '';
}
