import type { ByteWriter } from '../../../packet/byte-writer.ts';
import type { Cursor } from '../../../packet/cursor.ts';
import { EncodeError } from '../../../packet/encode-error.ts';
import type { Dhcpv6Option } from './message.ts';

/** Reads options up to the end of the bytes: code 2, length 2, payload (RFC 8415 section 21.1). */
export function readOptions(cursor: Cursor): Dhcpv6Option[] {
  const options: Dhcpv6Option[] = [];
  while (cursor.remaining > 0) {
    const code = cursor.u16be('option code');
    const data = cursor.take(cursor.u16be(`length of option ${code}`), `option ${code}`);
    if (!cursor.failure) options.push({ code, data });
  }
  return options;
}

/** Writes options in their order. */
export function writeOptions(writer: ByteWriter, options: readonly Dhcpv6Option[]): void {
  for (const { code, data } of options) {
    if (data.length > 0xffff)
      throw new EncodeError('dhcpv6', `option ${code}`, 'at most 65535 bytes', `${data.length} bytes`);
    writer.u16be(code).u16be(data.length).bytes(data);
  }
}
