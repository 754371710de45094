import type { Option250Form } from '../protocols/base/judge/boot-facts.ts';
import { USUAL_FORM } from '../protocols/dhcp/wire/wds.ts';
import { bootFileArchitectures } from '../protocols/dhcp/wire/architectures.ts';
import type { CauseName } from '../protocols/words.ts';
import type { StepDraft } from '../protocols/base/judge/step.ts';
import type { ServiceOf, ServicePlan } from '../plan/service-plan.ts';

// Misconfigurations of PXE services: what the wire shows, combined with what the scenario itself starts. Without a
// scenario only option 60 and a wrong choice among boot servers can be recognised.

type Services = readonly ServicePlan[] | undefined;

/**
 * A more precise cause for a failed step than its machine found; undefined when there is none. `steps`: those before
 * it.
 */
export function bootServiceCause(
  draft: StepDraft,
  steps: readonly StepDraft[],
  services: Services,
): CauseName | undefined {
  switch (draft.cause) {
    case 'dhcp-silent':
      return isAnsweredInAnotherClass(steps) ? 'dhcp-class-unanswered' : undefined;
    // The host of a boot server that is not there may say so by ICMP.
    case 'port-unreachable':
      return isOption60Alone(draft, steps, services) ? 'option-60-without-boot-server' : undefined;
    case 'proxydhcp-silent':
      return isOption60Alone(draft, steps, services)
        ? 'option-60-without-boot-server'
        : withoutBootFile(draft, steps, services);
    case 'different-detail':
      return choseAmongBootServers(draft, steps) ? 'two-boot-servers' : undefined;
    case 'no-boot-file':
      // Not "start a proxyDHCP service", where one has offered itself.
      if (steps.some(({ step }) => step === 'proxydhcp.offer'))
        return steps.some(({ step }) => step === 'proxydhcp.request')
          ? 'proxydhcp-no-boot-file'
          : 'proxydhcp-never-asked';
      return withoutBootFile(draft, steps, services);
    default:
      return undefined;
  }
}

/** The DHCP server said by option 60 that it is the boot server, offered nothing as one, and is silent on port 4011. */
function isOption60Alone(draft: StepDraft, steps: readonly StepDraft[], services: Services): boolean {
  const asked = draft.detail['server'];
  if (draft.step !== 'proxydhcp.ack' || asked === undefined) return false;
  const says = steps.some(
    (step) =>
      step.step === 'dhcp.offer' &&
      step.detail['server'] === asked &&
      /^PXEClient/.test(String(step.detail['vendorClass'] ?? '')),
  );
  const offers = steps.some((step) => step.step === 'proxydhcp.offer' && step.detail['server'] === asked);
  const listens =
    services?.some(
      ({ kind, config }) => kind === 'proxydhcp' && config.address === asked && config.port4011 !== false,
    ) ?? false;
  return says && !offers && !listens;
}

/** DHCP answered this client before, and only in another class: as firmware, and not as the iPXE that it loaded. */
function isAnsweredInAnotherClass(steps: readonly StepDraft[]): boolean {
  const asked = steps.findLast(({ step }) => step === 'dhcp.discover');
  const answered = steps.flatMap(({ step, verdict }, index) =>
    step === 'dhcp.offer' && verdict === 'passed'
      ? (steps.slice(0, index).findLast((before) => before.step === 'dhcp.discover') ?? [])
      : [],
  );
  return asked !== undefined && answered.length > 0 && answered.every((one) => classOf(one) !== classOf(asked));
}

/** Vendor class up to its architecture, and user class: what servers choose boot settings by. */
const classOf = ({ detail }: StepDraft): string =>
  `${String(detail['vendorClass'] ?? '').split(':', 1)[0] ?? ''} ${String(detail['userClass'] ?? '')}`;

/** The client asked another boot server than the scenario names, and more than one had offered itself. */
function choseAmongBootServers(draft: StepDraft, steps: readonly StepDraft[]): boolean {
  const offering = new Set(
    steps.filter((step) => step.step === 'proxydhcp.offer').map((step) => step.detail['server']),
  );
  return /^proxydhcp\.(request|ack)$/.test(draft.step) && offering.size > 1 && offering.has(draft.detail['server']);
}

/** Why no server named a boot file, by the services that the scenario starts. */
function withoutBootFile(draft: StepDraft, steps: readonly StepDraft[], services: Services): CauseName | undefined {
  // A boot server that offered itself is running: its own answer shows what it lacks.
  if (!services || draft.step === 'proxydhcp.ack' || steps.some((step) => step.step === 'proxydhcp.offer'))
    return undefined;
  if (services.some(({ kind, config }) => kind === 'proxydhcp' && config.wds?.unknown === 'ignore'))
    return 'unknown-computer-ignored';
  const naming = services.flatMap(({ kind, config }) =>
    kind === 'dhcp' || kind === 'proxydhcp' ? bootFilesOf(config) : [],
  );
  const architecture = steps.find((step) => step.step === 'dhcp.discover')?.detail['arch'];
  if (naming.length > 0)
    return typeof architecture === 'number' &&
      !naming.includes('any') &&
      !bootFileArchitectures(architecture).some((number) => naming.includes(String(number)))
      ? 'no-boot-file-for-architecture'
      : undefined;
  // Boot files by user class alone are told to boot programs, and to no firmware.
  const tells = services.some(({ kind, config }) => kind === 'proxydhcp' || (kind === 'dhcp' && config.userClasses));
  return !tells && services.some(({ kind }) => kind === 'tftp' || kind === 'http')
    ? 'transport-server-only'
    : undefined;
}

/** Architectures that a service names a boot file for; `any` for a common one. */
function bootFilesOf({ bootfile, bootfiles = {} }: ServiceOf<'dhcp' | 'proxydhcp'>['config']): string[] {
  const numbers = Object.keys(bootfiles);
  return bootfile === undefined ? numbers : [...numbers, 'any'];
}

/** How the scenario's boot server writes option 250. */
export function option250Of(services: Services): Option250Form {
  const [wds] = (services ?? []).flatMap(({ kind, config }) => (kind === 'proxydhcp' ? (config.wds ?? []) : []));
  return {
    byteOrder: wds?.byteOrder ?? USUAL_FORM.byteOrder,
    intervalUnitMs: wds?.pollIntervalUnitMs ?? USUAL_FORM.intervalUnitMs,
  };
}
