import { isIP } from 'node:net';
import { InvalidArgumentError, Option } from 'commander';
import { canonicalAddress } from '../../reports/client-addresses.ts';

const MAC = /^[0-9a-f]{2}(:[0-9a-f]{2}){5}$/;

/** `--client` of every command that reads captures; `what` says what becomes of that client. */
export const clientOption = (what: string): Option =>
  new Option('--client <address>', `${what} (a MAC or IP address)`).argParser(clientAddress);

function clientAddress(text: string): string {
  const address = canonicalAddress(text);
  if (isIP(address) > 0 || MAC.test(address)) return address;
  throw new InvalidArgumentError(`expected a MAC address (52:54:00:12:34:56) or an IP address, got ${text}`);
}
