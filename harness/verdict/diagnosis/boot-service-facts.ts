import type { Option250Form } from '../../protocols/base/judge/boot-facts.ts';
import { USUAL_FORM } from '../../protocols/dhcp/wire/wds.ts';
import { bootFileArchitectures } from '../../protocols/dhcp/wire/architectures.ts';
import type { CauseName } from '../../protocols/words.ts';
import type { StepDraft } from '../../protocols/base/judge/step.ts';
import type { ServiceOf, ServicePlan } from '../../plan/services/service-plan.ts';

// Misconfigurations of PXE services: what the wire shows, combined with what the scenario itself starts. Without a
// scenario only option 60 and a wrong choice among boot servers can be recognised.

type Services = readonly ServicePlan[] | undefined;

/** What the boot services of a client have shown. */
export interface ServiceHistory {
  /** DHCP servers that say by option 60 that they are boot servers. */
  readonly claiming: ReadonlySet<Value>;
  /** Boot servers that offered themselves. */
  readonly offering: ReadonlySet<Value>;
  /** A boot server was asked on port 4011. */
  readonly asked: boolean;
  /** What the client asked for an address as, last. */
  readonly askingClass: string | undefined;
  /** As what it has been offered an address. */
  readonly answeredClasses: ReadonlySet<string>;
  /** Option 93 of the client's first DISCOVER, or option 61 of its first SOLICIT. */
  readonly architecture: Value;
  /** It asked DHCPv6 first. */
  readonly overIpv6: boolean;
  note(step: StepDraft): void;
}

type Value = StepDraft['detail'][string] | undefined;

/** Nothing has been shown yet. */
export function createServiceHistory(): ServiceHistory {
  const claiming = new Set<Value>();
  const offering = new Set<Value>();
  const answeredClasses = new Set<string>();
  let askingClass: string | undefined;
  let asked = false;
  let first: StepDraft | undefined;
  return {
    claiming,
    offering,
    answeredClasses,
    get askingClass() {
      return askingClass;
    },
    get asked() {
      return asked;
    },
    get architecture() {
      return first?.detail['arch'];
    },
    get overIpv6() {
      return first?.step === 'dhcpv6.solicit';
    },
    note(step) {
      const { server, vendorClass } = step.detail;
      if (step.step === 'dhcp.discover') askingClass = classOf(step);
      else if (step.step === 'dhcp.offer' && step.verdict === 'passed' && askingClass !== undefined)
        answeredClasses.add(askingClass);
      if (step.step === 'dhcp.offer' && /^PXEClient/.test(String(vendorClass ?? ''))) claiming.add(server);
      else if (step.step === 'proxydhcp.offer') offering.add(server);
      else if (step.step === 'proxydhcp.request') asked = true;
      else if (isFirstOfBoot(step)) first ??= step;
    },
  };
}

/** A client asks for an address; over IPv6 EDK2's network stack asks for another one beside, without option 61. */
const isFirstOfBoot = ({ step, detail }: StepDraft): boolean =>
  step === 'dhcp.discover' || (step === 'dhcpv6.solicit' && detail['arch'] !== undefined);

/**
 * A more precise cause for a failed step than its machine found; undefined when there is none. `history`: of the steps
 * before it.
 */
export function bootServiceCause(draft: StepDraft, history: ServiceHistory, services: Services): CauseName | undefined {
  switch (draft.cause) {
    case 'dhcp-silent':
      return isAnsweredInAnotherClass(history) ? 'dhcp-class-unanswered' : undefined;
    // The host of a boot server that is not there may say so by ICMP.
    case 'port-unreachable':
      return isOption60Alone(draft, history, services) ? 'option-60-without-boot-server' : undefined;
    case 'proxydhcp-silent':
      return isOption60Alone(draft, history, services)
        ? 'option-60-without-boot-server'
        : withoutBootFile(draft, history, services);
    case 'different-detail':
      return choseAmongBootServers(draft, history) ? 'two-boot-servers' : undefined;
    case 'no-boot-file':
      // Not "start a proxyDHCP service", where one has offered itself.
      if (history.offering.size > 0) return history.asked ? 'proxydhcp-no-boot-file' : 'proxydhcp-never-asked';
      return withoutBootFile(draft, history, services);
    default:
      return undefined;
  }
}

/** The DHCP server said by option 60 that it is the boot server, offered nothing as one, and is silent on port 4011. */
function isOption60Alone(draft: StepDraft, { claiming, offering }: ServiceHistory, services: Services): boolean {
  const asked = draft.detail['server'];
  if (draft.step !== 'proxydhcp.ack' || asked === undefined) return false;
  const listens =
    services?.some(
      ({ kind, config }) => kind === 'proxydhcp' && config.address === asked && config.port4011 !== false,
    ) ?? false;
  return claiming.has(asked) && !offering.has(asked) && !listens;
}

/** DHCP answered this client before, and only in another class: as firmware, and not as the iPXE that it loaded. */
function isAnsweredInAnotherClass({ askingClass, answeredClasses }: ServiceHistory): boolean {
  return askingClass !== undefined && answeredClasses.size > 0 && !answeredClasses.has(askingClass);
}

/** Vendor class up to its architecture, and user class: what servers choose boot settings by. */
const classOf = ({ detail }: StepDraft): string =>
  `${String(detail['vendorClass'] ?? '').split(':', 1)[0] ?? ''} ${String(detail['userClass'] ?? '')}`;

/** The client asked another boot server than the scenario names, and more than one had offered itself. */
function choseAmongBootServers(draft: StepDraft, { offering }: ServiceHistory): boolean {
  return /^proxydhcp\.(request|ack)$/.test(draft.step) && offering.size > 1 && offering.has(draft.detail['server']);
}

/** Why no server named a boot file, by the services that the scenario starts. */
function withoutBootFile(draft: StepDraft, history: ServiceHistory, services: Services): CauseName | undefined {
  // A boot server that offered itself is running: its own answer shows what it lacks.
  if (!services || draft.step === 'proxydhcp.ack' || history.offering.size > 0) return undefined;
  const { overIpv6 } = history;
  if (!overIpv6 && services.some(({ kind, config }) => kind === 'proxydhcp' && config.wds?.unknown === 'ignore'))
    return 'unknown-computer-ignored';
  const naming = services.flatMap(({ kind, config }) => {
    if (kind === 'dhcpv6') return overIpv6 ? bootFilesOf(config) : [];
    return !overIpv6 && (kind === 'dhcp' || kind === 'proxydhcp') ? bootFilesOf(config) : [];
  });
  const { architecture } = history;
  if (naming.length > 0)
    return typeof architecture === 'number' &&
      !naming.includes('any') &&
      !bootFileArchitectures(architecture).some((number) => naming.includes(String(number)))
      ? 'no-boot-file-for-architecture'
      : undefined;
  if (overIpv6) return undefined;
  // Boot files by user class alone are told to boot programs, and to no firmware.
  const tells = services.some(({ kind, config }) => kind === 'proxydhcp' || (kind === 'dhcp' && config.userClasses));
  return !tells && services.some(({ kind }) => kind === 'tftp' || kind === 'http')
    ? 'transport-server-only'
    : undefined;
}

/** Architectures that a service names a boot file for; `any` for a common one. */
function bootFilesOf({ bootfile, bootfiles = {} }: ServiceOf<'dhcp' | 'dhcpv6' | 'proxydhcp'>['config']): string[] {
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
