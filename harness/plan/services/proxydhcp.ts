import { ipxeScriptOf, isIpxe } from '../../scenario/boot-programs.ts';
import { addressesOf, ARCHITECTURE_OF, bootFilesOf, DEFAULT_VM } from '../../scenario/defaults.ts';
import type { Scenario } from '../../scenario/scenario.ts';
import { DISCOVERY } from '../../scenario/schema/dhcp.ts';
import { defined } from '../../../servers/service/defined.ts';
import { bootfilesByNumber, dhcpMisbehaviour, rawOptions, userClassFiles } from './dhcp.ts';
import { wdsConfig } from './wds.ts';
import type { ClientPlan } from '../plan.ts';
import type { ServiceConfigs } from './service-plan.ts';

type Pxe = NonNullable<Scenario['services']['pxe']>;
type Menu = NonNullable<Pxe['menu']>;

/** The configuration of a proxyDHCP server at `address`, complete. */
export function proxydhcpConfig(
  scenario: Scenario,
  pxe: Pxe,
  address: string,
  clients: readonly ClientPlan[],
): ServiceConfigs['proxydhcp'] {
  const addresses = addressesOf(scenario);
  const { menu } = pxe;
  const wds = wdsConfig(scenario, pxe, clients);
  return {
    address,
    // Two servers cannot share port 67 of one host; there option 60 of the DHCP server leads clients to port 4011.
    port67: pxe['port-67'] ?? address !== addresses.dhcp,
    port4011: pxe['port-4011'] ?? true,
    bootfiles: bootfilesByNumber(bootFilesOf(scenario, pxe)),
    bootfilesByType: Object.fromEntries(
      (menu?.entries ?? []).flatMap(({ type, bootfile }) => (bootfile === undefined ? [] : [[String(type), bootfile]])),
    ),
    nextServer: pxe['next-server'] ?? addresses.tftp ?? address,
    offerCarriesBootfile: pxe['offer-carries-bootfile'] ?? false,
    options: rawOptions(pxe.options),
    misbehave: dhcpMisbehaviour(pxe.misbehave, clients),
    ...defined({
      bootfile: pxe.bootfile,
      userClasses: userClassFiles(ipxeScripts(scenario) ?? pxe['user-classes']),
      vendorClass: pxe['vendor-class'],
      padTo: pxe['pad-to'],
      wds,
    }),
    ...(menu === undefined ? {} : { pxeOptions: pxeOptions(menu, address) }),
  };
}

/** The script that iPXE gets on the architectures on which clients choose iPXE; undefined where none does. */
function ipxeScripts(scenario: Scenario): Pxe['user-classes'] {
  const words = scenario.clients.flatMap(({ firmware = DEFAULT_VM.firmware, 'boot-program': program }) =>
    program !== undefined && isIpxe(program) ? (scenario.matrix?.firmware ?? [firmware]) : [],
  );
  return words.length === 0
    ? undefined
    : { iPXE: Object.fromEntries(words.map((firmware) => [ARCHITECTURE_OF[firmware], ipxeScriptOf(firmware)])) };
}

/** Timeout of a prompt that shows its menu at once (PXE 2.1, sub-option 10). */
const MENU_AT_ONCE = 255;
const DEFAULT_PROMPT = 'Press F8 for menu';

function pxeOptions(menu: Menu, address: string): NonNullable<ServiceConfigs['proxydhcp']['pxeOptions']> {
  return {
    // Type 0 is the local disk: it has no server.
    bootServers: menu.entries
      .filter(({ type }) => type !== 0)
      .map(({ type, servers }) => ({ type, ips: servers ?? [address] })),
    menu: menu.entries.map(({ type, name }) => ({ type, description: name })),
    prompt: {
      timeoutS: menu.timeout === undefined ? MENU_AT_ONCE : menu.timeout / 1000,
      text: menu.prompt ?? DEFAULT_PROMPT,
    },
    ...(menu.discovery === undefined
      ? {}
      : { discoveryControl: menu.discovery.reduce((bits, word) => bits | DISCOVERY[word], 0) }),
  };
}
