import { ipv4At } from '../../packet/addresses.ts';
import { decodeTextTrimmed, hex } from '../../packet/text.ts';
import { DHCP_OPTIONS } from '../../protocols/dhcp/wire/option-registry.ts';
import type { CommentedMap } from '../commented.ts';

/** An option's value as `options` of a scenario writes it: by its kind where that is known, else in hex. */
export function optionValue(code: number, data: Uint8Array): string | CommentedMap {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
  const bytes = { hex: hex(data) };
  switch (DHCP_OPTIONS.get(code)?.payload) {
    case 'ip':
    case 'ips': {
      if (data.length === 0 || data.length % 4 !== 0) return bytes;
      const ips = Array.from({ length: data.length / 4 }, (_, index) => ipv4At(data, index * 4));
      return ips.length === 1 ? { ip: ips[0] } : { ips };
    }
    case 'text': {
      const text = decodeTextTrimmed(data);
      return text !== '' && isPlain(text) ? text : bytes;
    }
    case 'u8':
      return data.length === 1 ? { u8: view.getUint8(0) } : bytes;
    case 'u16':
      return data.length === 2 ? { u16: view.getUint16(0) } : bytes;
    case 'u32':
      return data.length === 4 ? { u32: view.getUint32(0) } : bytes;
    default:
      return bytes;
  }
}

/** Only what every encoding of text has alike: other bytes stay bytes. */
const isPlain = (text: string): boolean => /^[\x20-\x7e]*$/.test(text);
