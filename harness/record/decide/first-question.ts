import { architectureWord } from '../../protocols/dhcp/wire/architectures.ts';
import type { CaptureFacts } from '../facts/capture-facts.ts';
import type { Question } from '../facts/dhcp.ts';

/** What firmware or a boot program says of itself as it asks, by DHCP or DHCPv6. */
type Asked = Pick<Question, 'frame' | 'architecture' | 'userClass'> & Partial<Pick<Question, 'machineId'>>;

/** The first question of firmware or of a boot program, and by what. */
export interface FirstQuestion extends Asked {
  readonly ip: 4 | 6;
  /** HTTP boot asks for itself, with an architecture of its own. */
  readonly http: boolean;
}

/** The first question of firmware or boot program; undefined where no question is in the capture. */
export function firstQuestion({ dhcp, dhcpv6 }: CaptureFacts): FirstQuestion | undefined {
  const [overIpv6] = dhcpv6.questions;
  const any = overIpv6 === undefined ? dhcp.questions[0] : undefined;
  const overIpv4 = dhcp.questions.find(({ boots }) => boots) ?? any;
  const isIpv6 = overIpv4 === undefined || (overIpv6 !== undefined && overIpv6.atUs < overIpv4.atUs);
  const first: Asked | undefined = isIpv6 ? overIpv6 : overIpv4;
  if (first === undefined) return undefined;
  const http = architectureWord(first.architecture)?.endsWith(HTTP_SUFFIX) === true;
  return { ...first, ip: isIpv6 ? 6 : 4, http };
}
const HTTP_SUFFIX = '-http';
