/** UDP and TCP port of a KDC (RFC 4120 section 7.2.3). */
export const KERBEROS_PORT = 88;
