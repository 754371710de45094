import { guidAt, guidBytes } from '../../../packet/addresses.ts';
import type { DhcpMessage } from './message.ts';
import { optionBytes, optionU16s } from './options.ts';
import { EncodeError } from '../../../packet/encode-error.ts';
import { malformed, type Field } from '../../../packet/malformed.ts';

type HasOptions = Pick<DhcpMessage, 'options'>;

/** Option 60 of a network-boot client, 32 characters (PXE 2.1 section 2.2; UEFI 2.5 for HTTPClient). */
export interface VendorClass {
  readonly client: 'PXEClient' | 'HTTPClient';
  /** Option 93. */
  readonly architecture: number;
  /** Version of the UNDI. */
  readonly undi: { readonly major: number; readonly minor: number };
}

/** Text of option 60: five digits of architecture, three and three of UNDI version. */
export function formatVendorClass({ client, architecture, undi: { major, minor } }: VendorClass): string {
  return `${client}:Arch:${digits(architecture, 5)}:UNDI:${digits(major, 3)}${digits(minor, 3)}`;
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
