import type { BootMarks } from '../../base/judge/boot-meaning.ts';
import type { StepDraft } from '../../base/judge/step.ts';
import { isFirmwareClass } from './facts.ts';

const isOfFirmware = ({ detail }: StepDraft): boolean => isFirmwareClass(detail['vendorClass']);
const asksOfGuest = (step: StepDraft): boolean =>
  (step.step === 'dhcp.discover' || step.step === 'dhcp.request') && !isOfFirmware(step);
const grants = ({ step }: StepDraft): boolean => step === 'dhcp.ack';

/** What DHCP and the boot servers mean for a boot. */
export const dhcpMarks: BootMarks = {
  learns({ step, verdict, detail: { arch, yiaddr } }) {
    if (step === 'dhcp.discover' && typeof arch === 'number') return { architecture: arch };
    return step === 'dhcp.ack' && verdict === 'passed' && yiaddr ? { ip: String(yiaddr) } : {};
  },
  means(step) {
    switch (step.step) {
      case 'dhcp.discover':
      case 'dhcp.request':
        return isOfFirmware(step) ? 'address-asked' : 'address-asked-by-guest';
      case 'dhcp.ack':
        return 'address-given';
      case 'proxydhcp.offer':
        return 'boot-server-offered';
      case 'proxydhcp.request':
        return 'boot-server-asked';
      case 'proxydhcp.ack':
        return 'boot-server-answered';
      default:
        return undefined;
    }
  },
  begins: {
    dhcp: (step) => step.step === 'dhcp.discover' && isOfFirmware(step),
    proxy: ({ step }) => step === 'proxydhcp.request',
    'guest-dhcp': asksOfGuest,
  },
  ends: { dhcp: grants, proxy: ({ step }) => step === 'proxydhcp.ack', 'guest-dhcp': grants },
};
