import { firmwareOf } from '../../protocols/dhcp/wire/architectures.ts';
import type { JudgedClient } from '../judge-types.ts';

/**
 * A name for a client that no scenario introduced: `client-1`, in order of appearance. Firmware by its architecture
 * option; the NIC's model is not on the wire.
 */
export function nameLearntClient(mac: string, position: number, architecture: number | undefined): JudgedClient {
  const firmware = architecture === undefined ? 'unknown' : firmwareOf(architecture);
  return { name: `client-${position}`, mac, firmware, nic: 'unknown' };
}
