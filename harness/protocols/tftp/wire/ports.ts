/** UDP port of read and write requests; each transfer then has a port of its own (RFC 1350 section 4). */
export const TFTP_PORT = 69;
