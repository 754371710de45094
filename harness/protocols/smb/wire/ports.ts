/** TCP port of SMB (MS-SMB2 section 2.1). */
export const SMB_PORT = 445;
/** TCP port of SMB over NetBIOS sessions (RFC 1002 section 4.3). */
export const NETBIOS_SESSION_PORT = 139;
