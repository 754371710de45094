import type { StepDraft } from '../../protocols/base/judge/step.ts';
import { isFirmwareClass } from '../../protocols/dhcp/judge/facts.ts';

/** Steps that only a client takes which boots over the network, or deploys an image. */
const SIGNS = /^(proxydhcp\.(request|ack)|wdsnbp\.|wds\.|wim\.|image\.|tftp\.read-request)/;

/** Whether a message of DHCPv6 is of a boot: an architecture, a boot file, or a vendor class of network boot. */
export function asksForBoot6({ step, detail }: Pick<StepDraft, 'step' | 'detail'>): boolean {
  return (
    step === 'dhcpv6.message' &&
    (detail['arch'] !== undefined || detail['bootfile'] !== undefined || isFirmwareClass(detail['vendorClass']))
  );
}

/**
 * Whether a step shows that its client boots over the network: a vendor class of network boot or an architecture in
 * DHCP (options 60 and 93), a question on port 4011, a TFTP read request, a WDS request, or the reading of a WIM.
 */
export function isSignOfBoot({ step, detail }: Pick<StepDraft, 'step' | 'detail'>): boolean {
  if (SIGNS.test(step)) return true;
  if (step === 'dhcpv6.message') return asksForBoot6({ step, detail });
  if (step !== 'dhcp.discover' && step !== 'dhcp.request') return false;
  return isFirmwareClass(detail['vendorClass']) || detail['arch'] !== undefined;
}
