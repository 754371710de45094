import { derChildren, derElement, type DerElement } from '../../../packet/der.ts';
import { KERBEROS_ERRORS } from './errors.ts';
import { isMalformed, malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeText, hexNumber } from '../../../packet/text.ts';

// Kerberos version 5 (RFC 4120 section 5), as far as it goes unencrypted: who asks for what, and what is refused.

/** A request to the KDC for a ticket: AS-REQ (with the user's password) or TGS-REQ (with a ticket). */
export interface KdcRequest {
  readonly kind: 'kerberos';
  readonly type: 'as-req' | 'tgs-req';
  /** `user`, or `host/name` of several components. Absent in most TGS-REQs, whose ticket names it. */
  readonly client?: string;
  readonly realm: string;
  /** `krbtgt/SYSTEM.LAB`, `cifs/wds.system.lab`; absent in few requests. */
  readonly service?: string;
  /** Encryption types that the client can do, most wanted first (RFC 3961, IANA registry). */
  readonly encryptionTypes: readonly number[];
  /** Pre-authentication data types (RFC 4120 section 5.2.7): 2 is a timestamp encrypted by the password. */
  readonly preAuthentication: readonly number[];
}

/** A ticket from the KDC. */
export interface KdcReply {
  readonly kind: 'kerberos';
  readonly type: 'as-rep' | 'tgs-rep';
  readonly client: string;
  readonly realm: string;
  readonly service: string;
  /** Of the part that the client can read. */
  readonly encryptionType: number;
}

/** A ticket shown to a service, and the service's answer. */
export interface ApMessage {
  readonly kind: 'kerberos';
  readonly type: 'ap-req' | 'ap-rep';
  /** Of the ticket; absent in the answer. */
  readonly service?: string;
  readonly realm?: string;
}

export interface KerberosError {
  readonly kind: 'kerberos';
  readonly type: 'error';
  readonly code: number;
  /** e.g. `KDC_ERR_PREAUTH_FAILED`, or `error 99` for an unassigned one. */
  readonly name: string;
  readonly client?: string;
  readonly realm: string;
  readonly service?: string;
  readonly text?: string;
  /**
   * NTSTATUS of Windows' and Samba's extended error (MS-KILE section 2.2.2); distinguishes a locked account from a
   * disabled one.
   */
  readonly ntStatus?: number;
  /** The server's clock, seconds since 1970; undefined when it is no time. */
  readonly serverTimeS?: number;
}

export type KerberosMessage = KdcRequest | KdcReply | ApMessage | KerberosError;

const TICKET = 0x61; // [APPLICATION 1]
const SEQUENCE = 0x30;
const INTEGER = 0x02;
const OCTET_STRING = 0x04;
const context = (tag: number): number => 0xa0 + tag;

type Fields = ReadonlyMap<number, DerElement>;

const DECODERS: Readonly<Record<number, ((fields: Fields, reader: Reader) => KerberosMessage) | undefined>> = {
  0x6a: (fields, reader) => decodeRequest('as-req', fields, reader),
  0x6b: (fields, reader) => decodeReply('as-rep', fields, reader),
  0x6c: (fields, reader) => decodeRequest('tgs-req', fields, reader),
  0x6d: (fields, reader) => decodeReply('tgs-rep', fields, reader),
  0x6e: decodeApRequest,
  0x6f: () => ({ kind: 'kerberos', type: 'ap-rep' }),
  0x7e: decodeError,
};

/** A Kerberos message: an application-tagged SEQUENCE of numbered fields (RFC 4120 appendix A). */
export function decodeKerberos(bytes: Uint8Array): KerberosMessage | Malformed {
  const outer = derElement(bytes, 0);
  if (isMalformed(outer)) return { ...outer, protocol: 'kerberos' };
  const decode = DECODERS[outer.tag];
  if (!decode)
    return malformed(
      'kerberos',
      `expected a message of RFC 4120 (tag 0x6a to 0x6f or 0x7e), got tag 0x${outer.tag.toString(16)}`,
      bytes,
    );
  const reader = new Reader(bytes);
  const message = decode(reader.sequence(outer, 'the message'), reader);
  return reader.failure ?? message;
}

// KDC-REQ: [3] padata, [4] req-body of [1] cname, [2] realm, [3] sname, [8] etype.
function decodeRequest(type: KdcRequest['type'], fields: Fields, reader: Reader): KdcRequest {
  const body = reader.sequence(reader.required(fields, 4, 'the request body'), 'the request body');
  return {
    kind: 'kerberos',
    type,
    ...optional('client', reader.principal(body.get(1), 'the client')),
    realm: reader.text(reader.required(body, 2, 'the realm'), 'the realm'),
    ...optional('service', reader.principal(body.get(3), 'the service')),
    encryptionTypes: reader.integers(reader.required(body, 8, 'the encryption types'), 'the encryption types'),
    preAuthentication: reader
      .list(fields.get(3), 'pre-authentication')
      .map((data) =>
        reader.integer(
          reader.required(reader.fields(data), 1, 'a pre-authentication type'),
          'a pre-authentication type',
        ),
      ),
  };
}

// KDC-REP: [3] crealm, [4] cname, [5] ticket, [6] enc-part.
function decodeReply(type: KdcReply['type'], fields: Fields, reader: Reader): KdcReply {
  const ticket = reader.ticket(reader.required(fields, 5, 'the ticket'));
  const encrypted = reader.sequence(reader.required(fields, 6, 'the encrypted part'), 'the encrypted part');
  return {
    kind: 'kerberos',
    type,
    client: reader.principal(reader.required(fields, 4, 'the client'), 'the client') ?? '',
    realm: reader.text(reader.required(fields, 3, 'the realm'), 'the realm'),
    service: ticket.service,
    encryptionType: reader.integer(reader.required(encrypted, 0, 'the encryption type'), 'the encryption type'),
  };
}

// AP-REQ: [3] ticket.
function decodeApRequest(fields: Fields, reader: Reader): ApMessage {
  return { kind: 'kerberos', type: 'ap-req', ...reader.ticket(reader.required(fields, 3, 'the ticket')) };
}

// KRB-ERROR: [4] stime, [6] error-code, [8] cname, [9] realm, [10] sname, [11] e-text, [12] e-data.
function decodeError(fields: Fields, reader: Reader): KerberosError {
  const code = reader.integer(reader.required(fields, 6, 'the error code'), 'the error code');
  const text = fields.get(11);
  const data = fields.get(12);
  const time = timeOf(reader.text(reader.required(fields, 4, "the server's time"), "the server's time"));
  return {
    kind: 'kerberos',
    type: 'error',
    code,
    name: KERBEROS_ERRORS[code] ?? `error ${code}`,
    ...optional('client', reader.principal(fields.get(8), 'the client')),
    realm: reader.text(reader.required(fields, 9, 'the realm'), 'the realm'),
    ...optional('service', reader.principal(fields.get(10), 'the service')),
    ...optional('text', text && reader.text(text, 'the text')),
    ...optional('ntStatus', data && extendedStatus(data)),
    ...optional('serverTimeS', time),
  };
}

/** KerberosTime is GeneralizedTime in UTC: `20261124180000Z` (RFC 4120 section 5.2.3). */
function timeOf(text: string): number | undefined {
  const [, year, month, day, hour, minute, second] = (/^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)Z$/.exec(text) ?? []).map(
    Number,
  );
  return year === undefined || month === undefined
    ? undefined
    : Date.UTC(year, month - 1, day, hour, minute, second) / 1000;
}

const KERB_ERR_TYPE_EXTENDED = 3;

/**
 * NTSTATUS in e-data: KERB-ERROR-DATA of [1] data-type 3 and [2] KERB-EXT-ERROR, status first, little-endian (MS-KILE
 * sections 2.2.1 and 2.2.2). Undefined for other e-data.
 */
function extendedStatus(data: DerElement): number | undefined {
  const octets = derChildren(data)[0];
  const sequence = octets?.tag === OCTET_STRING ? derElement(octets.content, 0) : undefined;
  if (sequence === undefined || isMalformed(sequence) || sequence.tag !== SEQUENCE) return undefined;
  const fields = new Map(derChildren(sequence).map((child) => [child.tag, derChildren(child)[0]]));
  const type = fields.get(context(1));
  const value = fields.get(context(2));
  if (
    type?.tag !== INTEGER ||
    type.content.at(-1) !== KERB_ERR_TYPE_EXTENDED ||
    value?.tag !== OCTET_STRING ||
    value.content.length < 4
  )
    return undefined;
  return new DataView(value.content.buffer, value.content.byteOffset).getUint32(0, true);
}

function optional<Key extends string, Value>(key: Key, value: Value | undefined): { readonly [K in Key]?: Value } {
  return (value === undefined ? {} : { [key]: value }) as { readonly [K in Key]?: Value };
}

/**
 * Reads fields of one message. The first that is missing or of another type is kept as `failure`; from then on
 * everything is empty.
 */
class Reader {
  readonly #bytes: Uint8Array;
  failure: Malformed | undefined;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  /** Context-tagged fields of the SEQUENCE inside an element. */
  sequence(element: DerElement, what: string): Fields {
    const inner = this.#only(element, what);
    if (inner.tag !== SEQUENCE && !this.failure)
      this.#fail(`${what}: expected a SEQUENCE (0x30), got tag 0x${inner.tag.toString(16)}`, inner.content);
    return this.fields(inner);
  }

  /** Context-tagged fields of a SEQUENCE. */
  fields(element: DerElement): Fields {
    return new Map(
      derChildren(element)
        .filter(({ tag }) => tag >= context(0))
        .map((child) => [child.tag - context(0), child]),
    );
  }

  required(fields: Fields, number: number, what: string): DerElement {
    const found = fields.get(number);
    if (!found) this.#fail(`${what} (field ${number}) is missing`, this.#bytes);
    return found ?? EMPTY;
  }

  /** Elements of the SEQUENCE OF inside a field; empty when the field is absent. */
  list(field: DerElement | undefined, what: string): DerElement[] {
    return field ? derChildren(this.#only(field, what)) : [];
  }

  integers(field: DerElement, what: string): number[] {
    return this.list(field, what).map((element) => this.#number(element, what));
  }

  integer(field: DerElement, what: string): number {
    return this.#number(this.#only(field, what), what);
  }

  /** GeneralString or GeneralizedTime. */
  text(field: DerElement, what: string): string {
    return decodeText(this.#only(field, what).content);
  }

  /** PrincipalName: [1] SEQUENCE OF GeneralString, joined by slashes (RFC 4120 section 6.2). */
  principal(field: DerElement | undefined, what: string): string | undefined {
    if (!field || this.failure) return undefined;
    const names = this.list(this.required(this.sequence(field, what), 1, `${what}'s name`), what);
    return names.map((name) => decodeText(name.content)).join('/');
  }

  /** Ticket: [1] realm, [2] sname. */
  ticket(field: DerElement): { service: string; realm: string } {
    const inner = this.#only(field, 'the ticket');
    if (inner.tag !== TICKET && !this.failure)
      this.#fail(`the ticket: expected tag 0x61, got 0x${inner.tag.toString(16)}`, inner.content);
    const fields = this.sequence(inner, 'the ticket');
    return {
      service: this.principal(this.required(fields, 2, "the ticket's service"), "the ticket's service") ?? '',
      realm: this.text(this.required(fields, 1, "the ticket's realm"), "the ticket's realm"),
    };
  }

  #number(element: DerElement, what: string): number {
    const { tag, content } = element;
    if (this.failure) return 0;
    if (tag !== INTEGER || content.length === 0 || content.length > 4) {
      this.#fail(
        `${what}: expected an INTEGER of 1 to 4 bytes, got tag 0x${tag.toString(16)} with ${content.length}`,
        content,
      );
      return 0;
    }
    return content.reduce((value, byte) => (value << 8) | byte, (content[0] ?? 0) & 0x80 ? -1 : 0);
  }

  #only(element: DerElement, what: string): DerElement {
    const inner = derElement(element.content, 0);
    if (!isMalformed(inner)) return inner;
    if (!this.failure) this.#fail(`${what}: ${inner.reason}`, element.content);
    return EMPTY;
  }

  #fail(reason: string, at: Uint8Array): void {
    const offset =
      at.buffer === this.#bytes.buffer
        ? Math.min(Math.max(at.byteOffset - this.#bytes.byteOffset, 0), this.#bytes.length)
        : 0;
    this.failure ??= malformed('kerberos', reason, this.#bytes, offset);
  }
}

const EMPTY: DerElement = { tag: 0, headerLength: 0, content: new Uint8Array(0), length: 0 };

/** Name of an encryption type (RFC 3961 section 8, RFC 3962, RFC 4757, RFC 8009). */
export function encryptionTypeName(type: number): string {
  return ENCRYPTION_TYPES[type] ?? (type < 0 ? String(type) : hexNumber(type));
}

const ENCRYPTION_TYPES: Readonly<Record<number, string>> = {
  1: 'des-cbc-crc',
  3: 'des-cbc-md5',
  16: 'des3-cbc-sha1',
  17: 'aes128-cts-hmac-sha1-96',
  18: 'aes256-cts-hmac-sha1-96',
  19: 'aes128-cts-hmac-sha256-128',
  20: 'aes256-cts-hmac-sha384-192',
  23: 'rc4-hmac',
  24: 'rc4-hmac-exp',
  25: 'camellia128-cts-cmac',
  26: 'camellia256-cts-cmac',
};
