import type { TlsCause } from './vocabulary.ts';

/** What an alert means (RFC 8446 section 6.2, RFC 5246 section 7.2.2), by its name. */
const CAUSES: Readonly<Record<string, TlsCause>> = {
  unknown_ca: 'certificate-authority-unknown',
  certificate_expired: 'certificate-expired',
  bad_certificate: 'certificate-refused',
  unsupported_certificate: 'certificate-refused',
  certificate_revoked: 'certificate-refused',
  certificate_unknown: 'certificate-refused',
  bad_certificate_status_response: 'certificate-refused',
  protocol_version: 'tls-version-refused',
  inappropriate_fallback: 'tls-version-refused',
};

/**
 * Why a side refuses the other. What a client sends encrypted after the server's flight is its verdict on that: on the
 * certificate, since the keys had been agreed on before.
 */
export function alertCause({ by, name }: { readonly by: 'client' | 'server'; readonly name?: string }): TlsCause {
  if (name === undefined) return by === 'client' ? 'certificate-refused' : 'tls-refused';
  return (Object.hasOwn(CAUSES, name) ? CAUSES[name] : undefined) ?? 'tls-refused';
}
