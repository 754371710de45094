import { describe, expect, it } from 'vitest';
import { formatPath } from '../scenario-error.ts';
import { checkContent } from './content.ts';

// Keys that the schema takes, in a scenario where nothing would read them.

const VM = { name: 'pc', disk: '1GiB' };
const PLAYED = { name: 'pc', plays: 'wdsnbp' };
const PXE = { bootfile: 'a' };
/** A bundle without the agent. */
const IPXE = { root: 'boot-files/ipxe' };
const FILES = { files: { '/etc/hostname': '0'.repeat(64) } };

/** Where something is wrong with a scenario. */
function places(scenario: object): string[] {
  const base = { name: 'x', services: { dhcp: {}, tftp: {} }, clients: [VM] };
  return checkContent({ ...base, ...scenario }).problems.map(({ path }) => formatPath(path));
}

describe('a key that nothing reads is refused', () => {
  it.each<[place: string, without: object, withIt: object]>([
    ['after', { clients: [PLAYED], after: FILES }, { clients: [PLAYED, { ...VM, name: 'vm' }], after: FILES }],
    ['after', { after: {} }, { after: FILES }],
    ['after', { after: FILES, 'expect-failure': { step: 'dhcp.ack' } }, { after: FILES, steps: ['dhcp.ack'] }],
    [
      'clients[0].after.joined',
      {
        services: { tftp: {}, authentication: { kind: 'active-directory' } },
        clients: [{ ...VM, after: { joined: true } }],
      },
      {
        services: {
          tftp: {},
          authentication: { kind: 'active-directory' },
          devices: { known: [{ client: 'pc', name: 'PC01', join: true }] },
        },
        clients: [{ ...VM, after: { joined: true } }],
      },
    ],
    [
      'clients[0].disk-interface',
      { clients: [{ name: 'pc', 'disk-interface': 'ide' }] },
      { clients: [{ ...VM, 'disk-interface': 'ide' }] },
    ],
    ['clients[0].memory', { clients: [{ ...VM, memory: '64MiB' }] }, { clients: [{ ...VM, memory: '256MiB' }] }],
    [
      'clients[0].memory',
      { services: { tftp: {}, pxe: {} }, clients: [{ ...VM, firmware: 'uefi', memory: '256MiB' }] },
      { services: { tftp: {}, pxe: {} }, clients: [{ ...VM, firmware: 'uefi', memory: '320MiB' }] },
    ],
    ['matrix.memory[1]', { matrix: { memory: ['512MiB', '64MiB'] } }, { matrix: { memory: ['512MiB', '256MiB'] } }],
    [
      'services.authentication',
      { services: { tftp: {}, authentication: { domain: 'LAB' } } },
      { services: { tftp: {}, images: {}, authentication: { domain: 'LAB' } } },
    ],
    [
      'services.images.packages',
      { services: { tftp: {}, images: { packages: 'packages/sample' } } },
      {
        services: {
          tftp: {},
          images: { packages: 'packages/sample' },
          control: {},
          devices: { known: [{ client: 'pc', 'answer-file': 'a.xml' }] },
        },
      },
    ],
    [
      'services.images.driver-packages',
      { services: { tftp: {}, images: { 'driver-packages': ['rtl8139'] } } },
      { services: { tftp: {}, images: { 'driver-packages': ['rtl8139'] }, control: {} } },
    ],
    [
      'services.images.writable',
      { services: { tftp: {}, images: { writable: true }, authentication: { kind: 'active-directory' } } },
      { services: { tftp: {}, images: { writable: true }, authentication: { kind: 'standalone' } } },
    ],
    [
      'services.images.writable[0]',
      { services: { tftp: {}, images: { writable: ['administrator'] } } },
      { services: { tftp: {}, images: { writable: ['administrateur'] } } },
    ],
    [
      'services.control.answer-files',
      { services: { tftp: {}, control: { 'answer-files': { x64: 'a.xml' } } } },
      { services: { tftp: {}, control: { 'answer-files': { x64: 'a.xml' } }, images: {} } },
    ],
    [
      'services.devices.known[0].answer-file',
      { services: { tftp: {}, images: {}, devices: { known: [{ client: 'pc', 'answer-file': 'a.xml' }] } } },
      {
        services: { tftp: {}, images: {}, control: {}, devices: { known: [{ client: 'pc', 'answer-file': 'a.xml' }] } },
      },
    ],
    [
      'services.devices.known[0].join',
      { services: { tftp: {}, devices: { known: [{ client: 'pc', name: 'PC01', join: true }] } } },
      { services: { tftp: {}, control: {}, devices: { known: [{ client: 'pc', name: 'PC01', join: true }] } } },
    ],
    [
      'services.devices.known[0].message',
      { services: { tftp: {}, devices: { known: [{ client: 'pc', message: 'x' }] } } },
      { services: { tftp: {}, pxe: PXE, devices: { known: [{ client: 'pc', message: 'x' }] } } },
    ],
    [
      'services.devices.unknown',
      { services: { tftp: {}, devices: { unknown: 'ignore' } } },
      { services: { tftp: {}, pxe: PXE, devices: { unknown: 'ignore' } } },
    ],
    [
      'services.pxe.approval',
      { services: { tftp: {}, pxe: { ...PXE, approval: { retries: 3 } } } },
      { services: { tftp: {}, pxe: { ...PXE, approval: { retries: 3 } }, devices: { unknown: 'pending' } } },
    ],
    [
      'clients[0].polls-for',
      { services: { tftp: {}, pxe: PXE }, clients: [{ ...PLAYED, 'polls-for': '5s' }] },
      {
        services: { tftp: {}, pxe: PXE, devices: { unknown: 'pending' } },
        clients: [{ ...PLAYED, 'polls-for': '5s' }],
      },
    ],
    [
      'services.pxe.prompt',
      { services: { tftp: {}, pxe: { ...PXE, prompt: 'opt-out' } } },
      { services: { tftp: {}, pxe: { ...PXE, prompt: 'opt-out' } }, clients: [PLAYED] },
    ],
    [
      'clients[0].agent.logon',
      { clients: [{ ...VM, agent: { logon: { user: 'administrateur' } } }] },
      { services: { tftp: {}, images: {} }, clients: [{ ...VM, agent: { logon: { user: 'administrateur' } } }] },
    ],
    [
      'clients[0].agent.image',
      {
        services: { tftp: { root: './own' }, images: {} },
        clients: [{ ...VM, agent: { image: 'Images\\Linux\\sample.wim' } }],
      },
      {
        services: { tftp: {}, images: {} },
        clients: [{ ...VM, agent: { image: 'Images\\Linux\\sample.wim' } }],
      },
    ],
    [
      'clients[0].agent.unattended',
      { services: { tftp: IPXE, images: {} }, clients: [{ ...VM, agent: { unattended: false } }] },
      { services: { tftp: IPXE, http: {}, images: {} }, clients: [{ ...VM, agent: { unattended: false } }] },
    ],
    [
      'clients[0].agent.image',
      { services: { tftp: IPXE, images: {} }, clients: [{ ...VM, agent: { image: 'Images\\Linux\\sample.wim' } }] },
      {
        services: { tftp: IPXE, http: {}, images: {} },
        clients: [{ ...VM, agent: { image: 'Images\\Linux\\sample.wim' } }],
      },
    ],
    ['matrix', { clients: [PLAYED], matrix: { cpus: [1, 2] } }, { matrix: { cpus: [1, 2] } }],
    ['strict', { strict: true }, { strict: true, steps: ['dhcp.discover'] }],
    [
      'budgets.proxy',
      { budgets: { proxy: '5s' } },
      { budgets: { proxy: '5s' }, services: { dhcp: { 'vendor-class': 'PXEClient' }, tftp: {} } },
    ],
    ['budgets.nbp', { budgets: { nbp: '5s' }, services: { dhcp: {} } }, { budgets: { nbp: '5s' } }],
    ['budgets.image', { budgets: { image: '5s' } }, { budgets: { image: '5s' }, services: { tftp: {}, images: {} } }],
  ])('%s', (place, without, withIt) => {
    expect(places(without)).toEqual([place]);
    expect(places(withIt)).toEqual([]);
  });
});

it('says what is missing beside it', () =>
  expect(
    checkContent({
      name: 'x',
      services: { tftp: {} },
      clients: [PLAYED],
      after: { 'boot-from': 'disk' },
      budgets: { image: '1s' },
    }).problems.map(({ expected, got }) => `expected ${expected}, got ${got}`),
  ).toEqual([
    'expected beside image services.images, or services.control to log on to, or a server of your own (services.programs), got none, so that nothing reads it',
    'expected a VM to look at afterwards, got only clients that are played, or that have an `after` of their own',
  ]));
