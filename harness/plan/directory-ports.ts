/**
 * TCP ports of a domain controller's RPC services, the first of the range that Windows and Samba take them from: all
 * but NETLOGON, and NETLOGON.
 */
export const DIRECTORY_RPC_PORTS = [49_152, 49_153] as const;
