import { layer, type DissectedLayer } from './dissection.ts';
import { isMalformed, type Malformed } from './malformed.ts';
import type { NtlmMessage } from './ntlmssp.ts';
import type { SecurityToken } from './spnego.ts';
import { hexNumber } from './text.ts';

/** Words for a summary and layers of a security token that SMB or RPC carries. */
export function dissectToken(token: SecurityToken | Malformed): { words: string; layers: DissectedLayer[] } {
  if (isMalformed(token)) return { words: `token malformed: ${token.reason}`, layers: [layer('spnego', { malformed: token.reason })] };
  const wrapping = layer('spnego', { wrapping: token.wrapping, mechanisms: token.mechanisms.length > 0 ? token.mechanisms.join(', ') : undefined, state: token.state });
  if (!token.ntlm) return { words: token.mechanism === 'unknown' ? '' : token.mechanism.toUpperCase(), layers: [wrapping] };
  if (isMalformed(token.ntlm)) return { words: `NTLMSSP malformed: ${token.ntlm.reason}`, layers: [wrapping, layer('ntlmssp', { malformed: token.ntlm.reason })] };
  return { words: ntlmWords(token.ntlm), layers: [wrapping, ntlmLayer(token.ntlm)] };
}

function ntlmWords(ntlm: NtlmMessage): string {
  if (ntlm.type === 1) return 'NTLMSSP_NEGOTIATE';
  if (ntlm.type === 2) return 'NTLMSSP_CHALLENGE';
  return ntlm.anonymous ? 'NTLMSSP_AUTH, anonymous' : `NTLMSSP_AUTH, User: ${ntlm.domain}\\${ntlm.user}`;
}

function ntlmLayer(ntlm: NtlmMessage): DissectedLayer {
  const { type, flags } = ntlm;
  if (ntlm.type === 1) return layer('ntlmssp', { type, flags: hexNumber(flags), domain: ntlm.domain, workstation: ntlm.workstation });
  if (ntlm.type === 3) return layer('ntlmssp', { type, flags: hexNumber(flags), domain: ntlm.domain, user: ntlm.user, workstation: ntlm.workstation });
  return layer('ntlmssp', { type, flags: hexNumber(flags), targetName: ntlm.targetName, ...Object.fromEntries(ntlm.targetInfo.flatMap((pair) => (pair.text === undefined ? [] : [[pair.name, pair.text]]))) });
}
