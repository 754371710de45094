import { isMalformed } from '../../../packet/malformed.ts';
import { hex } from '../../../packet/text.ts';
import type { ClientShown } from '../../base/judge/boot-meaning.ts';
import type { DhcpMessage } from '../wire/message.ts';
import { optionBytes } from '../wire/options.ts';
import { clientMachineIdentifier } from '../wire/pxe.ts';
import { architecture, isFirmwareClass, vendorClass } from './facts.ts';

const BOOTREQUEST = 1;
const NO_RELAY = '0.0.0.0';
/** Type of a client identifier that is nothing but the hardware address (RFC 2132 section 9.14). */
const HARDWARE_TYPE = 1;
/** Bytes of a UUID that a board has when nobody gave it one. */
const NO_UUID = /^[0-]+$|^[f-]+$/;

/** What a DHCP message shows of its client. */
export function clientShown(message: DhcpMessage): ClientShown {
  const relay = message.giaddr === NO_RELAY ? undefined : message.giaddr;
  // A server's option 60 is the server's (PXE 2.1 section 2.2.3).
  if (message.op !== BOOTREQUEST) return { relay };
  const text = vendorClass(message);
  return {
    relay,
    architecture: architecture(message),
    vendorClass: text === undefined ? undefined : { text, boots: isFirmwareClass(text) },
    identities: identitiesOf(message),
  };
}

function identitiesOf(message: DhcpMessage): string[] {
  const uuid = clientMachineIdentifier(message);
  const identifier = optionBytes(message, 61);
  return [
    ...(uuid === undefined || isMalformed(uuid) || NO_UUID.test(uuid) ? [] : [`UUID ${uuid} (option 97)`]),
    ...(identifier === undefined || identifier.length < 2 || identifier[0] === HARDWARE_TYPE
      ? []
      : [`client identifier ${hex(identifier)} (option 61)`]),
  ];
}
