import { describe, expect, it } from 'vitest';
import { parseScenario } from '../testing/parse-scenario.ts';

const ARM = 'name: pc, firmware: uefi-arm64, nic: virtio-net-pci, disk: 1GiB';
const STORE = 'images: { groups: { Linux: [sample.wim], Linux arm64: [sample.wim] } }';
const image = (group: string) => `agent: { image: 'Images\\${group}\\sample.wim' }`;

/** Services on line 2, one client on line 4. */
function problemsOf(services: string, client: string, rest = ''): string[] {
  const text = `name: x\nservices: { pxe: {}, tftp: {}, ${services} }\nclients:\n  - { ${client} }\n${rest}`;
  try {
    parseScenario(text, 'boot.yaml', '/scenarios');
    return [];
  } catch (error) {
    return (error as Error).message.split('\n');
  }
}

describe('a client with an Arm processor', () => {
  it('installs an image for it, and starts from its disk', () => {
    expect(problemsOf(STORE, `${ARM}, ${image('Linux arm64')}`, 'after: { boot-from: disk }\n')).toEqual([]);
  });

  it.each<[what: string, services: string, client: string, message: string]>([
    [
      'an image for PCs',
      STORE,
      ARM,
      'boot.yaml:4:27: clients[0].firmware: expected a firmware for the processor of a PC, which Images\\Linux\\sample.wim is for; the bundled groups are Linux and Linux 2012 for PCs, Linux arm64 for Arm, got uefi-arm64',
    ],
    [
      'the control channel',
      `control: {}, ${STORE}`,
      `${ARM}, ${image('Linux arm64')}`,
      'boot.yaml:4:27: clients[0].firmware: expected a firmware of a PC beside services.control, for which the bundled agent for Arm has no program, got uefi-arm64',
    ],
    [
      'a logon by Kerberos',
      `authentication: { kind: active-directory }, ${STORE}`,
      `${ARM}, agent: { image: 'Images\\Linux arm64\\sample.wim', logon: { user: administrateur, authentication: kerberos } }`,
      'boot.yaml:4:27: clients[0].firmware: expected a firmware of a PC beside agent.logon.authentication: kerberos, for which the bundled agent for Arm has no program, got uefi-arm64',
    ],
  ])('is refused with %s', (_, services, client, message) => expect(problemsOf(services, client)).toEqual([message]));

  it('is refused with driver packages, which are for the kernel of PCs', () => {
    const text = `name: x\nservices: { pxe: {}, tftp: { driver-packages: [rtl8139] }, ${STORE} }\nclients: [{ ${ARM}, ${image('Linux arm64')} }]\n`;
    expect(() => parseScenario(text, 'boot.yaml', '/scenarios')).toThrow(
      'services.tftp.driver-packages: expected a client with the processor of a PC, for whose kernel the bundled driver packages are, got rtl8139, and clients with firmware uefi-arm64 alone',
    );
  });
});

it('a PC is refused an image for Arm', () => {
  expect(problemsOf(STORE, `name: pc, disk: 1GiB, ${image('Linux arm64')}`)).toEqual([
    'boot.yaml:4:5: clients[0]: expected a firmware for a 64-bit Arm processor, which Images\\Linux arm64\\sample.wim is for; the bundled groups are Linux and Linux 2012 for PCs, Linux arm64 for Arm, got bios',
  ]);
});
