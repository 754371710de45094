import type { DhcpEvent } from '../observe/events.ts';
import { malformedOption } from './facts.ts';
import type { Breach } from '../../base/judge/step.ts';
import type { DHCP } from './vocabulary.ts';

const CLIENT_MESSAGES = /\.(discover|request|decline|release|inform)$/;

/** What of a message does not decode: its end, or an option whose length is not its type's. */
export function decodingBreach({ message }: DhcpEvent): Breach<keyof typeof DHCP.causes> | undefined {
  if (message.malformed)
    return {
      expected: 'a message that decodes to its end',
      actual: message.malformed.reason,
      cause: 'malformed-message',
    };
  const option = malformedOption(message);
  return (
    option && {
      expected: 'options of the length that their type has',
      actual: option.reason,
      cause: 'malformed-message',
    }
  );
}

/**
 * Which rule of the fixed part of a message is broken, whatever its type (RFC 2131 table 1 and 3), or that it does not
 * decode.
 */
export function headerBreach(event: DhcpEvent): Breach<keyof typeof DHCP.causes> | undefined {
  const { message } = event;
  const trouble = decodingBreach(event);
  if (trouble) return trouble;
  const op = CLIENT_MESSAGES.test(event.type) ? 1 : 2;
  if (message.op !== op) return breach(op === 1 ? 'op 1, a request' : 'op 2, a reply', `op ${message.op}`);
  // Hardware type 1 is Ethernet with addresses of 6 bytes (RFC 1700); others have rules of their own.
  if (message.htype === 1 && message.hlen !== 6)
    return breach('a hardware address of 6 bytes for Ethernet', `${message.hlen} bytes`);
  if (message.chaddr.toLowerCase() !== event.client.toLowerCase())
    return breach(`chaddr ${event.client}`, message.chaddr);
  return undefined;
}

const breach = (expected: string, actual: string): Breach<keyof typeof DHCP.causes> => ({
  expected,
  actual,
  cause: 'dhcp-bad-header',
});
