import type { JudgedClient } from './judge-types.ts';

/**
 * A name for a client that no scenario introduced: `client-1`, in order of appearance. Firmware by its architecture
 * option (RFC 4578, IANA registry: 0 is x86 BIOS, all others are kinds of UEFI); the NIC's model is not on the wire.
 */
export function nameLearntClient(mac: string, position: number, architecture: number | undefined): JudgedClient {
  const firmware = architecture === undefined ? 'unknown' : architecture === 0 ? 'bios' : 'uefi';
  return { name: `client-${position}`, mac, firmware, nic: 'unknown' };
}
