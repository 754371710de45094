/** UDP port of DHCP servers (RFC 2131 section 4.1). */
export const DHCP_SERVER_PORT = 67;
/** UDP port of DHCP clients (RFC 2131 section 4.1). */
export const DHCP_CLIENT_PORT = 68;
/** UDP port of PXE boot servers that share nothing with the DHCP server (PXE 2.1 section 2.2.3). */
export const BOOT_SERVER_PORT = 4011;
