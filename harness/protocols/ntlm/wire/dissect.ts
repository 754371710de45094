import { dissectKerberosMessage } from '../../kerberos/wire/dissect.ts';
import { layer, type DissectedLayer, type Layout } from '../../../packet/dissection.ts';
import { decodeGssKerberos } from '../../kerberos/wire/gss.ts';
import { isMalformed, type Malformed } from '../../../packet/malformed.ts';
import type { NtlmMessage } from './codec.ts';
import type { SecurityToken } from './spnego.ts';
import { hexNumber } from '../../../packet/text.ts';

/** Words for a summary and layers of a security token that SMB or RPC carries in `buffer`. */
export function dissectToken(
  token: SecurityToken | Malformed,
  buffer: Uint8Array,
): { words: string; layers: DissectedLayer[] } {
  if (isMalformed(token))
    return {
      words: `token malformed: ${token.reason}`,
      layers: [layer('spnego', buffer, { malformed: token.reason })],
    };
  const wrapping = layer('spnego', buffer, {
    wrapping: token.wrapping,
    mechanisms: token.mechanisms.length > 0 ? token.mechanisms.join(', ') : undefined,
    state: token.state,
  });
  if (!token.ntlm && token.mechanism === 'kerberos' && token.token) {
    const inner = dissectKerberosMessage(decodeGssKerberos(token.token), token.token);
    return { words: inner.summary, layers: [wrapping, ...inner.layers] };
  }
  if (!token.ntlm)
    return { words: token.mechanism === 'unknown' ? '' : token.mechanism.toUpperCase(), layers: [wrapping] };
  const message = token.token ?? buffer;
  if (isMalformed(token.ntlm))
    return {
      words: `NTLMSSP malformed: ${token.ntlm.reason}`,
      layers: [wrapping, layer('ntlmssp', message, { malformed: token.ntlm.reason })],
    };
  return { words: ntlmWords(token.ntlm), layers: [wrapping, ntlmLayer(token.ntlm, message)] };
}

function ntlmWords(ntlm: NtlmMessage): string {
  if (ntlm.type === 1) return 'NTLMSSP_NEGOTIATE';
  if (ntlm.type === 2) return 'NTLMSSP_CHALLENGE';
  return ntlm.anonymous ? 'NTLMSSP_AUTH, anonymous' : `NTLMSSP_AUTH, User: ${ntlm.domain}\\${ntlm.user}`;
}

// Fixed fields and descriptors of MS-NLMP sections 2.2.1.1 to 2.2.1.3.
function ntlmLayer(ntlm: NtlmMessage, bytes: Uint8Array): DissectedLayer {
  const { type, flags } = ntlm;
  const named = { type, flags: hexNumber(flags) };
  const typeAt: Layout = { type: [8, 4] };
  if (ntlm.type === 1)
    return layer(
      'ntlmssp',
      bytes,
      { ...named, domain: ntlm.domain, workstation: ntlm.workstation },
      { ...typeAt, flags: [12, 4], domain: described(bytes, 16), workstation: described(bytes, 24) },
    );
  if (ntlm.type === 3) {
    const layout = {
      ...typeAt,
      domain: described(bytes, 28),
      user: described(bytes, 36),
      workstation: described(bytes, 44),
      flags: [60, 4],
    } as const;
    return layer(
      'ntlmssp',
      bytes,
      { ...named, domain: ntlm.domain, user: ntlm.user, workstation: ntlm.workstation },
      layout,
    );
  }
  const head = layer(
    'ntlmssp',
    bytes,
    { ...named, targetName: ntlm.targetName },
    { ...typeAt, targetName: described(bytes, 12), flags: [20, 4] },
  );
  return {
    ...head,
    fields: [
      ...head.fields,
      ...ntlm.targetInfo.flatMap((pair) =>
        pair.text === undefined ? [] : [{ name: pair.name, value: pair.text, bytes: pair.data }],
      ),
    ],
  };
}

/** What a descriptor points at: length, maximum length, offset. */
function described(bytes: Uint8Array, at: number): readonly [offset: number, length: number] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return at + 8 > bytes.length ? [0, 0] : [view.getUint32(at + 4, true), view.getUint16(at, true)];
}
