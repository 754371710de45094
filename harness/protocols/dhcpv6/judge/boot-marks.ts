import type { BootMarks } from '../../base/judge/boot-meaning.ts';
import type { StepDraft } from '../../base/judge/step.ts';

/** Whether the client that asked is firmware, or a network boot program: option 61 (RFC 5970 section 3.3). */
export const isOfBoot = ({ detail }: Pick<StepDraft, 'detail'>): boolean => detail['arch'] !== undefined;

const asks = (step: StepDraft): boolean =>
  isOfBoot(step) && (step.step === 'dhcpv6.solicit' || step.step === 'dhcpv6.information-request');
const grants = (step: StepDraft): boolean => isOfBoot(step) && step.step === 'dhcpv6.reply';

/**
 * What DHCPv6 means for a boot. A firmware's network stack asks for addresses of its own beside its boot, without option
 * 61; so does a system that runs: neither moves a boot.
 */
export const dhcpv6Marks: BootMarks = {
  learns({ step, verdict, detail }) {
    const { arch, address } = detail;
    if (step === 'dhcpv6.solicit' && typeof arch === 'number') return { architecture: arch };
    return step === 'dhcpv6.reply' && verdict === 'passed' && arch !== undefined && address !== undefined
      ? { ip: String(address) }
      : {};
  },
  means(step) {
    if (!isOfBoot(step)) return undefined;
    if (asks(step) || step.step === 'dhcpv6.request') return 'address-asked';
    return grants(step) ? 'address-given' : undefined;
  },
  begins: { dhcp: asks },
  ends: { dhcp: grants },
};
