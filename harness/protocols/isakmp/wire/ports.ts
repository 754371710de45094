/** UDP port of ISAKMP (RFC 2408 section 2.5.1). */
export const ISAKMP_PORT = 500;
