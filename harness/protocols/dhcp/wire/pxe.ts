import { guidAt, guidBytes } from '../../../packet/addresses.ts';
import type { DhcpMessage } from './message.ts';
import { optionBytes, optionU16s } from './options.ts';
import { EncodeError } from '../../../packet/encode-error.ts';
import { malformed, type Field } from '../../../packet/malformed.ts';
import { encodeText } from '../../../packet/text.ts';

type HasOptions = Pick<DhcpMessage, 'options'>;

/** Option 60 of a network-boot client (PXE 2.1 section 2.2; UEFI 2.5 for HTTPClient). Servers echo the bare class. */
export interface VendorClass {
  readonly client: 'PXEClient' | 'HTTPClient';
  /** Present in clients' messages: option 93 value, and the version of the UNDI. */
  readonly architecture?: number;
  readonly undi?: { readonly major: number; readonly minor: number };
}

/**
 * Reads `PXEClient:Arch:AAAAA:UNDI:MMMmmm` (32 characters). Undefined for the class of another vendor; a PXE class with
 * anything else behind its colon is malformed.
 */
export function parseVendorClass(text: string): Field<VendorClass> {
  const client = /^(PXE|HTTP)Client/.exec(text)?.[0];
  if (client !== 'PXEClient' && client !== 'HTTPClient') return undefined;
  if (text.length === client.length || text[client.length] !== ':') return { client };
  const fields = /^:Arch:(\d{5}):UNDI:(\d{3})(\d{3})/.exec(text.slice(client.length));
  if (!fields)
    return malformed(
      'dhcp',
      `vendor class ${JSON.stringify(text)} is not ${client}:Arch:AAAAA:UNDI:MMMmmm`,
      encodeText(text),
      client.length,
    );
  return { client, architecture: Number(fields[1]), undi: { major: Number(fields[2]), minor: Number(fields[3]) } };
}

/** Text of option 60 for a client: five digits of architecture, three and three of UNDI version. */
export function formatVendorClass(vendor: VendorClass): string {
  if (vendor.architecture === undefined) return vendor.client;
  const { major, minor } = vendor.undi ?? { major: 3, minor: 0 };
  return `${vendor.client}:Arch:${digits(vendor.architecture, 5)}:UNDI:${digits(major, 3)}${digits(minor, 3)}`;
}

function digits(value: number, length: number): string {
  const text = String(value).padStart(length, '0');
  if (text.length > length)
    throw new EncodeError('dhcp', 'vendor class', `a number of at most ${length} digits`, value);
  return text;
}

/** Option 93: architectures in the client's order of preference (RFC 4578 section 2.1). */
export function clientArchitectures(message: HasOptions): Field<number[]> {
  return optionU16s(message, 93);
}

/**
 * Option 97: the client's UUID as SMBIOS shows it (RFC 4578 section 2.3: type 0 and 16 bytes, the first three fields
 * little-endian).
 */
export function clientMachineIdentifier(message: HasOptions): Field<string> {
  const data = optionBytes(message, 97);
  if (!data) return undefined;
  if (data.length !== 17 || data[0] !== 0)
    return malformed(
      'dhcp',
      `option 97 must be type 0 and 16 bytes but is ${data.length} bytes of type ${data[0] ?? 'none'}`,
      data,
    );
  return guidAt(data, 1);
}

/** Option 97 for a draft. */
export function machineIdentifierOption(uuid: string): { code: number; data: Uint8Array } {
  return { code: 97, data: Uint8Array.of(0, ...guidBytes(uuid)) };
}

/** Options 93 and 94 for a draft. */
export function architectureOptions(
  architecture: number,
  undi: { readonly major: number; readonly minor: number },
): { code: number; data: Uint8Array }[] {
  return [
    { code: 93, data: Uint8Array.of(architecture >> 8, architecture & 255) },
    { code: 94, data: Uint8Array.of(1, undi.major, undi.minor) },
  ];
}
