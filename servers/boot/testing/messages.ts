import type * as z from 'zod';
import { encodeDhcp, type DhcpDraft } from '../../../harness/protocols/dhcp/wire/codec.ts';
import { ipOption, numberOption, textOption } from '../../../harness/protocols/dhcp/wire/options.ts';
import { dhcpConfigSchema, type DhcpConfig } from '../dhcp/config.ts';
import { readRequest, type DhcpRequest, type Peer } from '../dhcp/request.ts';

/** Client of the reference trace. */
export const MAC = '00:0c:29:22:52:de';
export const OTHER_MAC = '00:0c:29:22:52:df';
const UNSET: Peer = { ip: '0.0.0.0', port: 68 };

/** A configuration for tests: the reference trace's subnet, four addresses. */
export const config = (over: Partial<z.input<typeof dhcpConfigSchema>> = {}): DhcpConfig =>
  dhcpConfigSchema.parse({
    address: '172.22.52.1',
    subnet: '172.22.52.0',
    prefixLength: 24,
    range: { from: '172.22.52.100', to: '172.22.52.103' },
    ...over,
  });

/** Options 60, 93, 94 and 97 as an iPXE BIOS ROM sends them (harness/docs/protocols.md 1.1). */
export const pxeOptions = (architecture = 0): DhcpDraft['options'] => [
  textOption(60, `PXEClient:Arch:${String(architecture).padStart(5, '0')}:UNDI:002001`),
  numberOption(93, 2, architecture),
  { code: 94, data: Uint8Array.of(1, 2, 1) },
  { code: 97, data: Uint8Array.from({ length: 17 }, (_, i) => i) },
];

export const ip = (code: number, address: string): DhcpDraft['options'][number] => ipOption(code, address);

/** Bytes of a client's message. */
export const message = (
  type: number | undefined,
  options: DhcpDraft['options'] = [],
  over: Partial<DhcpDraft> = {},
): Uint8Array =>
  encodeDhcp({
    op: 1,
    xid: 0x1280d292,
    chaddr: MAC,
    ...over,
    options: [...(type === undefined ? [] : [numberOption(53, 1, type)]), ...options],
  });

/** A client's message as the server reads it. */
export function request(
  type: number | undefined,
  options: DhcpDraft['options'] = [],
  over: Partial<DhcpDraft> = {},
  from = UNSET,
): DhcpRequest {
  const read = readRequest(message(type, options, over), from);
  if (typeof read === 'string') throw new Error(read);
  return read;
}
