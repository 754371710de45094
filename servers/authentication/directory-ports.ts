import { KERBEROS_PORT } from '../../harness/protocols/kerberos/wire/ports.ts';

// Ports of a domain controller.

const DNS_PORT = 53;
const LDAP_PORT = 389;
const PASSWORD_PORT = 464;

/** TCP ports that a domain controller listens on, in the order in which Samba binds them. */
export const DIRECTORY_PORTS = [DNS_PORT, KERBEROS_PORT, LDAP_PORT, PASSWORD_PORT] as const;

/**
 * TCP ports of a domain controller's RPC services, the first of the range that Windows and Samba take them from: all
 * but NETLOGON, and NETLOGON.
 */
export const DIRECTORY_RPC_PORTS = [49_152, 49_153] as const;
