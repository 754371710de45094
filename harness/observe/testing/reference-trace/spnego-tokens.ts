import { joinBytes } from '../../../packet/bytes.ts';
import { u8, zeros } from './link-frames.ts';
import type { NtlmExchange } from './ntlm-exchange.ts';

const SPNEGO = u8(0x06, 0x06, 0x2b, 0x06, 0x01, 0x05, 0x05, 0x02);
const NTLM = u8(0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x0a);
const NEGOEX = u8(0x06, 0x0a, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x82, 0x37, 0x02, 0x02, 0x1e);
const KERBEROS = u8(0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02);
/** Windows 2000 wrote one digit of it wrong. */
const KERBEROS_2000 = u8(0x06, 0x09, 0x2a, 0x86, 0x48, 0x82, 0xf7, 0x12, 0x01, 0x02, 0x02);
const KERBEROS_USER_TO_USER = u8(0x06, 0x0a, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x12, 0x01, 0x02, 0x02, 0x03);
const ACCEPT_COMPLETED = 0;
const ACCEPT_INCOMPLETE = 1;

/** The client's mechanism list: NTLM alone. Both sides sign it at the end. */
const MECHANISM_LIST = der(0x30, NTLM);

/** The server's hint in NEGOTIATE: its mechanisms (RFC 4178, MS-SPNG section 2.2.1). */
export function serverHint(): Uint8Array {
  const hint = Uint8Array.from('not_defined_in_RFC4178@please_ignore', (char) => char.charCodeAt(0));
  return initToken(
    der(0xa0, der(0x30, NEGOEX, KERBEROS_2000, KERBEROS, KERBEROS_USER_TO_USER, NTLM)),
    der(0xa3, der(0x30, der(0xa0, der(0x1b, hint)))),
  );
}

/** The client's NEGOTIATE. */
export function negotiateToken({ negotiate }: NtlmExchange): Uint8Array {
  return initToken(der(0xa0, MECHANISM_LIST), der(0xa2, der(0x04, negotiate)));
}

/** The server's CHALLENGE. */
export function challengeToken({ challenge }: NtlmExchange): Uint8Array {
  return der(0xa1, der(0x30, state(ACCEPT_INCOMPLETE), der(0xa1, NTLM), der(0xa2, der(0x04, challenge))));
}

/** The client's AUTHENTICATE with the signature of the mechanism list. */
export function authenticateToken({ authenticate, client }: NtlmExchange): Uint8Array {
  return der(0xa1, der(0x30, state(ACCEPT_INCOMPLETE), der(0xa2, der(0x04, authenticate)), listSignature(client())));
}

/** The server's final token, with its signature of the same list. */
export function acceptedToken({ server }: NtlmExchange): Uint8Array {
  return der(0xa1, der(0x30, state(ACCEPT_COMPLETED), listSignature(server())));
}

function listSignature(sealer: ReturnType<NtlmExchange['client']>): Uint8Array {
  return der(0xa3, der(0x04, sealer.sign({ before: MECHANISM_LIST, stub: zeros(0), after: zeros(0) })));
}

function state(value: number): Uint8Array {
  return der(0xa0, der(0x0a, u8(value)));
}

function initToken(...fields: Uint8Array[]): Uint8Array {
  return der(0x60, SPNEGO, der(0xa0, der(0x30, ...fields)));
}

/** A DER element: tag, length in one, two or three bytes, content (X.690 section 8.1.3). */
function der(tag: number, ...content: Uint8Array[]): Uint8Array {
  const body = joinBytes(content);
  const length =
    body.length < 0x80
      ? u8(body.length)
      : body.length < 0x100
        ? u8(0x81, body.length)
        : u8(0x82, body.length >> 8, body.length & 0xff);
  return joinBytes([u8(tag), length, body]);
}
