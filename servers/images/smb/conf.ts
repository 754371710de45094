import path from 'node:path';
import { commonParameters, section, shareSection } from '../../samba/smb-conf.ts';
import type { SmbConfig } from './config.ts';

/**
 * Samba's configuration file, smb.conf(5), for one share that wants a password and is read-only but for its writers.
 */
export function smbConf(config: SmbConfig): string {
  const global = {
    workgroup: config.workgroup,
    'netbios name': config.serverName,
    'server role': 'standalone server',
    'map to guest': 'never',
    'restrict anonymous': '2',
    'passdb backend': `tdbsam:${path.join(config.state, 'private', 'passdb.tdb')}`,
    'smb ports': String(config.port),
    ...commonParameters(config.address, config.state),
  };
  return `${section('global', global)}\n${shareSection(config.share, config.root, false, config.writers)}`;
}
