import { joinBytes } from '../../../packet/bytes.ts';

// RFC 4178 section 4.2, in DER (X.690).

/** Object identifiers of mechanisms, content of the DER element. */
export const MECHANISM_OIDS = {
  spnego: Uint8Array.of(0x2b, 6, 1, 5, 5, 2),
  ntlm: Uint8Array.of(0x2b, 6, 1, 4, 1, 0x82, 0x37, 2, 2, 10),
} as const;

/** States of a negotiation (RFC 4178 section 4.2.2). @public The protocol's own vocabulary, whole. */
export const SPNEGO_STATES = { acceptCompleted: 0, acceptIncomplete: 1, reject: 2, requestMic: 3 } as const;

/** The list of mechanisms that offers NTLM alone, as negTokenInit carries it and mechListMIC signs it. */
export const NTLM_ONLY_MECHANISMS = element(0x30, oid(MECHANISM_OIDS.ntlm));

/** A GSS-API initial token that offers NTLM, with its first message. */
export function encodeSpnegoInit(mechanismToken: Uint8Array): Uint8Array {
  const init = element(0x30, element(0xa0, NTLM_ONLY_MECHANISMS), element(0xa2, element(0x04, mechanismToken)));
  return element(0x60, oid(MECHANISM_OIDS.spnego), element(0xa0, init));
}

/** A negTokenResp; `mechanism` is named in the acceptor's first one only. */
export function encodeSpnegoResponse(response: {
  readonly state?: number;
  readonly mechanism?: Uint8Array;
  readonly token?: Uint8Array;
  readonly mechListMic?: Uint8Array;
}): Uint8Array {
  const { state, mechanism, token, mechListMic } = response;
  return element(
    0xa1,
    element(
      0x30,
      ...(state === undefined ? [] : [element(0xa0, element(0x0a, Uint8Array.of(state)))]),
      ...(mechanism === undefined ? [] : [element(0xa1, oid(mechanism))]),
      ...(token === undefined ? [] : [element(0xa2, element(0x04, token))]),
      ...(mechListMic === undefined ? [] : [element(0xa3, element(0x04, mechListMic))]),
    ),
  );
}

function oid(content: Uint8Array): Uint8Array {
  return element(0x06, content);
}

function element(tag: number, ...content: readonly Uint8Array[]): Uint8Array {
  const bytes = joinBytes(content);
  const length =
    bytes.length < 0x80
      ? [bytes.length]
      : bytes.length < 0x100
        ? [0x81, bytes.length]
        : [0x82, bytes.length >> 8, bytes.length & 0xff];
  return joinBytes([Uint8Array.of(tag, ...length), bytes]);
}
