import { derChildren, derElement, objectIdentifier, type DerElement } from '../../../packet/der.ts';
import { isMalformed, malformed, type Malformed } from '../../../packet/malformed.ts';
import { decodeNtlm, isNtlm, type NtlmMessage } from './codec.ts';

/** Authentication mechanisms by object identifier. */
export const MECHANISMS: Readonly<Record<string, 'ntlm' | 'kerberos' | 'negoex' | 'spnego'>> = {
  '1.3.6.1.4.1.311.2.2.10': 'ntlm',
  '1.2.840.113554.1.2.2': 'kerberos',
  '1.2.840.48018.1.2.2': 'kerberos', // Windows 2000 wrote one digit of it wrong, and everybody still offers it
  '1.3.6.1.4.1.311.2.2.30': 'negoex',
  '1.3.6.1.5.5.2': 'spnego',
};

/** A GSS-API security token of SMB or RPC: SPNEGO (RFC 4178), or a mechanism's own token in the raw. */
export interface SecurityToken {
  readonly kind: 'security-token';
  readonly wrapping: 'spnego-init' | 'spnego-response' | 'raw';
  /** Object identifiers that the initiator offers in order, or the one that the acceptor chose. */
  readonly mechanisms: readonly string[];
  /** 0 accepted, 1 incomplete, 2 rejected, 3 request-mic; of responses. */
  readonly state?: number;
  /** What the message is about: the mechanism of its token, else the first one named. */
  readonly mechanism: 'ntlm' | 'kerberos' | 'unknown';
  /** The mechanism's token (a view). */
  readonly token?: Uint8Array;
  readonly ntlm?: NtlmMessage | Malformed;
  /** The list of mechanisms as it came, DER: what a mechListMIC signs (RFC 4178 section 5). Of initial tokens. */
  readonly mechanismList?: Uint8Array;
  /** Of responses. */
  readonly mechListMic?: Uint8Array;
}

const APPLICATION_0 = 0x60; // GSS-API InitialContextToken, RFC 2743 section 3.1
const CONTEXT_0 = 0xa0; // NegotiationToken: negTokenInit
const CONTEXT_1 = 0xa1; // NegotiationToken: negTokenResp
const CONTEXT_3 = 0xa3;
const OID = 0x06;
const OCTETS = 0x04;
const ENUMERATED = 0x0a;

/**
 * Reads a security buffer, whichever of the wrappings it is in. An empty one is malformed: callers know whether there
 * should be one.
 */
export function decodeSecurityToken(bytes: Uint8Array): SecurityToken | Malformed {
  if (isNtlm(bytes))
    return {
      kind: 'security-token',
      wrapping: 'raw',
      mechanisms: [],
      mechanism: 'ntlm',
      token: bytes,
      ntlm: decodeNtlm(bytes),
    };
  const outer = derElement(bytes, 0);
  if (isMalformed(outer)) return outer;
  if (outer.tag === CONTEXT_1) return decodeResponse(outer);
  if (outer.tag === CONTEXT_0) return decodeInit(outer);
  if (outer.tag !== APPLICATION_0)
    return malformed('spnego', `expected tag 0x60, 0xa0 or 0xa1, or NTLMSSP, got 0x${outer.tag.toString(16)}`, bytes);
  const [mechanism, inner] = derChildren(outer);
  if (mechanism?.tag !== OID)
    return malformed('spnego', 'the initial token does not begin with an object identifier', bytes, outer.headerLength);
  const oid = objectIdentifier(mechanism.content);
  if (MECHANISMS[oid] !== 'spnego')
    return {
      kind: 'security-token',
      wrapping: 'raw',
      mechanisms: [oid],
      mechanism: judged(MECHANISMS[oid]),
      token: bytes,
    };
  if (inner?.tag !== CONTEXT_0)
    return malformed('spnego', 'the SPNEGO token has no negTokenInit', bytes, outer.headerLength);
  return decodeInit(inner);
}

// negTokenInit: SEQUENCE of [0] mechTypes (SEQUENCE OF OID), [1] reqFlags, [2] mechToken (OCTET STRING), [3] hints or
// MIC.
function decodeInit(element: DerElement): SecurityToken | Malformed {
  const fields = sequenceFields(element);
  if (isMalformed(fields)) return fields;
  const list = fields.get(CONTEXT_0);
  const mechanisms = list
    ? derChildren(list)
        .flatMap(derChildren)
        .filter((child) => child.tag === OID)
        .map((child) => objectIdentifier(child.content))
    : [];
  return {
    ...withToken('spnego-init', mechanisms, fields.get(0xa2)),
    ...(list ? { mechanismList: list.content } : {}),
  };
}

// negTokenResp: SEQUENCE of [0] negState (ENUMERATED), [1] supportedMech, [2] responseToken, [3] mechListMIC.
function decodeResponse(element: DerElement): SecurityToken | Malformed {
  const fields = sequenceFields(element);
  if (isMalformed(fields)) return fields;
  const child = (tag: number): DerElement | undefined => derChildren(fields.get(tag) ?? EMPTY)[0];
  const state = child(CONTEXT_0);
  const mechanism = child(CONTEXT_1);
  const token = withToken(
    'spnego-response',
    mechanism?.tag === OID ? [objectIdentifier(mechanism.content)] : [],
    fields.get(0xa2),
  );
  const mic = child(CONTEXT_3);
  return {
    ...token,
    ...(state?.tag === ENUMERATED ? { state: state.content[0] ?? 0 } : {}),
    ...(mic?.tag === OCTETS ? { mechListMic: mic.content } : {}),
  };
}

const EMPTY: DerElement = { tag: 0, headerLength: 0, content: new Uint8Array(0), length: 0 };

function sequenceFields(element: DerElement): Map<number, DerElement> | Malformed {
  const sequence = derElement(element.content, 0);
  if (isMalformed(sequence)) return sequence;
  if (sequence.tag !== 0x30)
    return malformed('spnego', `expected a SEQUENCE (0x30), got 0x${sequence.tag.toString(16)}`, element.content);
  return new Map(derChildren(sequence).map((child) => [child.tag, child]));
}

function withToken(
  wrapping: SecurityToken['wrapping'],
  mechanisms: readonly string[],
  tokenField: DerElement | undefined,
): SecurityToken {
  const octets = tokenField && derChildren(tokenField)[0];
  const token = octets?.tag === OCTETS ? octets.content : undefined;
  const ntlm = token && isNtlm(token) ? decodeNtlm(token) : undefined;
  return {
    kind: 'security-token',
    wrapping,
    mechanisms,
    mechanism: ntlm ? 'ntlm' : judged(MECHANISMS[mechanisms[0] ?? '']),
    ...(token ? { token } : {}),
    ...(ntlm ? { ntlm } : {}),
  };
}

const judged = (mechanism: string | undefined): SecurityToken['mechanism'] =>
  mechanism === 'ntlm' || mechanism === 'kerberos' ? mechanism : 'unknown';
