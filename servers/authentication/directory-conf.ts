import path from 'node:path';
import { commonParameters, section, shareSection } from '../samba/smb-conf.ts';
import type { DirectoryConfig } from './directory-config.ts';

/** Samba's configuration file, smb.conf(5), for a domain controller with the deployment shares on it. */
export function directoryConf(config: DirectoryConfig): string {
  const { state } = config;
  const sysvol = path.join(state, 'state', 'sysvol');
  const global = {
    workgroup: config.domain,
    realm: config.realm.toUpperCase(),
    'netbios name': config.serverName,
    'server role': 'active directory domain controller',
    // What clients of one domain with one controller need: no replication, no consistency checks, no NetBIOS, no time
    // signing.
    'server services': 's3fs, rpc, ldap, cldap, kdc, dns, winbindd',
    ...(config.endpointMapper ? {} : { 'dcerpc endpoint servers': '-epmapper' }),
    'rpc server port': String(config.rpcPort),
    'dns forwarder': '',
    'tls enabled': 'no',
    'ntp signd socket directory': path.join(state, 'ntp-signd'),
    ...commonParameters(config.address, state),
  };
  return [
    section('global', global),
    section('sysvol', { path: sysvol, 'read only': 'no' }),
    section('netlogon', { path: path.join(sysvol, config.realm, 'scripts'), 'read only': 'no' }),
    // No Windows access control lists: a domain controller keeps them in extended attributes by default, which tmpfs of
    // older kernels lacks.
    ...config.shares.map(({ name, root, writable }) => `${shareSection(name, root, writable)}  vfs objects =\n`),
  ].join('\n');
}
