import type { Device, DeviceStore } from '../../state/device-store.ts';
import { WdsError, WIN32, type WdsRequest } from './wds-request.ts';

/** How a request names its computer; absent fields were not in the request. */
export interface ClientIdentity {
  readonly mac?: string | undefined;
  /**
   * The UUID in both byte orders: a raw GUID is the bytes of option 97 to one client and the text's digits to the
   * other.
   */
  readonly uuids: readonly string[];
}

const dashed = (digits: string): string => digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
const swapped = (digits: string): string => digits.replace(/^(..)(..)(..)(..)(..)(..)(..)(..)/, '$4$3$2$1$6$5$8$7');

/**
 * CLIENT_MAC and CLIENT_GUID (grammar in MS-WDSOSD section 2.2.3): 12 digits, with dashes, or the address at the end of
 * 32 digits; a GUID raw or formatted. Throws WdsError for what is neither.
 */
export function clientIdentity(request: WdsRequest): ClientIdentity {
  const mac = macOf(request.text('CLIENT_MAC'));
  const uuids = uuidsOf(request.text('CLIENT_GUID'));
  return { mac, uuids };
}

function macOf(text: string): string | undefined {
  const digits = text.replaceAll(/[-:{}]/g, '').toLowerCase();
  const address = /^(?:0{20})?([0-9a-f]{12})$/.exec(digits)?.[1];
  if (address === undefined)
    throw new WdsError(
      WIN32.invalidParameter,
      `variable CLIENT_MAC: expected 12 hexadecimal digits, got ${JSON.stringify(text.slice(0, 60))}`,
    );
  return address === '000000000000' ? undefined : address.replace(/(..)(?=.)/g, '$1:');
}

function uuidsOf(text: string): readonly string[] {
  const formatted = /^\{?([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})\}?$/i.exec(text)?.[1]?.toLowerCase();
  if (formatted !== undefined) return [formatted];
  const digits = /^([0-9a-f]{32})$/i.exec(text)?.[1]?.toLowerCase();
  if (digits !== undefined)
    return /^0+$/.test(digits) || /^0{20}/.test(digits) ? [] : [dashed(digits), dashed(swapped(digits))];
  // A MAC address or a DUID may stand here, too; neither leads to a computer's UUID.
  if (/^\[?([0-9a-f]{2}-)*[0-9a-f]{2}\]?$|^[0-9a-f]{12}$/i.test(text)) return [];
  throw new WdsError(
    WIN32.invalidParameter,
    `variable CLIENT_GUID: expected a GUID, a MAC address or a DUID, got ${JSON.stringify(text.slice(0, 60))}`,
  );
}

/** The device of the store that an identity means. */
export function findClient(store: DeviceStore | undefined, { mac, uuids }: ClientIdentity): Device | undefined {
  if (!store) return undefined;
  for (const uuid of uuids) {
    const device = store.find({ uuid, mac });
    if (device) return device;
  }
  return uuids.length === 0 ? store.find({ mac }) : undefined;
}
