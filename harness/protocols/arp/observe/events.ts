import type { Seen } from '../../base/observe/seen.ts';

export type ArpEvent = Seen & {
  readonly type: 'arp.request' | 'arp.reply';
  readonly senderMac: string;
  readonly senderIp: string;
  readonly targetIp: string;
  /** Gratuitous: sender and target address are the same. */
  readonly gratuitous: boolean;
};
