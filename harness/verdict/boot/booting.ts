import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { isFirmwareClass } from '../../protocols/dhcp/judge/facts.ts';

/** Steps that only a client takes which boots over the network, or deploys an image. */
const SIGNS = /^(proxydhcp\.(request|ack)|wdsnbp\.|wds\.|wim\.|image\.|tftp\.read-request)/;
/** Steps by which a client asks for an address, or for settings. */
const ASKS = /^(dhcp\.(discover|request)|dhcpv6\.(solicit|request|information-request))$/;

/**
 * Whether a step shows that its client boots over the network: a vendor class of network boot or an architecture in
 * DHCP (options 60 and 93) or DHCPv6 (option 61), a question on port 4011, a TFTP read request, a WDS request, or the reading of a WIM.
 */
export function isSignOfBoot({ step, detail }: Pick<StepDraft, 'step' | 'detail'>): boolean {
  if (SIGNS.test(step)) return true;
  if (!ASKS.test(step)) return false;
  return isFirmwareClass(detail['vendorClass']) || detail['arch'] !== undefined;
}
