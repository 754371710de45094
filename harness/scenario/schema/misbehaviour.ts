import { dhcpMisbehaviours } from '../../../servers/boot/dhcp/misbehaviours.ts';
import { dhcpv6Misbehaviours } from '../../../servers/boot/dhcpv6/misbehaviours.ts';
import { httpMisbehaviours } from '../../../servers/boot/http/misbehaviours.ts';
import { tftpMisbehaviours } from '../../../servers/boot/tftp/misbehaviours.ts';
import { backupStoreMisbehaviours } from '../../../servers/images/backup-store/misbehaviours.ts';
import { controlMisbehaviours } from '../../../servers/images/control/misbehaviours.ts';
import { multicastMisbehaviours } from '../../../servers/images/multicast/misbehaviours.ts';
import type { MisbehaviourWords } from '../../../servers/service/misbehaviour-words.ts';
import { count, duration, flag, name, wirePath, word } from './values.ts';

// How services misbehave on purpose, as scenarios write it; declared by the services.

const WORDS: MisbehaviourWords<typeof duration> = {
  duration,
  client: name,
  path: wirePath,
  flag,
  count,
  word,
  expected: (what) => what,
};

export const dhcpMisbehaviour = dhcpMisbehaviours(WORDS);
export const dhcpv6Misbehaviour = dhcpv6Misbehaviours(WORDS);
export const httpMisbehaviour = httpMisbehaviours(WORDS);
export const tftpMisbehaviour = tftpMisbehaviours(WORDS);
export const controlMisbehaviour = controlMisbehaviours(WORDS);
export const backupStoreMisbehaviour = backupStoreMisbehaviours(WORDS);
export const multicastMisbehaviour = multicastMisbehaviours(WORDS);
