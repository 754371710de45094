import { describe, expect, it } from 'vitest';
import { formatPath } from '../scenario-error.ts';
import { checkContent } from './content.ts';

const PC = { name: 'pc', disk: '1GiB', agent: { by: 'multicast' } };
const SERVICES = { dhcp: {}, tftp: {}, images: {}, multicast: {} };

/** What is wrong with a scenario: where, and what was expected. */
function problems(client: object, services: object = SERVICES): string[] {
  return checkContent({ name: 'x', services, clients: [{ ...PC, ...client }] }).problems.map(
    ({ path, says, expected, got }) => `${formatPath(path)}: ${says ?? `${expected}, got ${got}`}`,
  );
}
const agent = (keys: object): object => ({ agent: { ...PC.agent, ...keys } });

describe('an image by multicast', () => {
  it.each<[string, object, object?]>([
    ['is the one of the sender, in any case', agent({ image: 'IMAGES\\linux\\SAMPLE.WIM' })],
    [
      'may come from a sender of the user’s own',
      {},
      {
        ...SERVICES,
        multicast: undefined,
        programs: [{ name: 'a', at: '172.22.52.9', command: ['a'], ready: { udp: 9101 } }],
      },
    ],
    ['may be sent to nobody but programs', { agent: {} }],
  ])('%s', (_, client, services) => expect(problems(client, services)).toEqual([]));

  it.each<[string, object, string, object?]>([
    [
      'without a sender',
      {},
      'clients[0].agent.by: a sender (services.multicast, or one of programs) beside by: multicast, got none',
      { ...SERVICES, multicast: undefined },
    ],
    [
      'beside another image',
      agent({ image: 'Images\\Linux\\other.wim' }),
      'clients[0].agent.image: the image that is sent (services.multicast.image), "Images\\\\Linux\\\\sample.wim", got "Images\\\\Linux\\\\other.wim"',
      { ...SERVICES, images: { groups: { Linux: ['sample.wim', 'other.wim'] }, root: './RemInst' } },
    ],
    [
      'that the client would choose',
      agent({ unattended: false }),
      'clients[0].agent.unattended: true beside by: multicast, which sends one image to all, got false: a choice of images',
    ],
    [
      'that is captured',
      { ...agent({ mode: 'backup' }) },
      'clients[0].agent.by: mode: install beside by, got mode backup, which receives no image',
      { ...SERVICES, backups: {} },
    ],
    ['without a disk', { disk: undefined }, 'clients[0].agent.by: a client with a disk to receive it on, got none'],
    [
      'with an Arm processor',
      {
        firmware: 'uefi-arm64',
        nic: 'virtio-net-pci',
        agent: { ...PC.agent, image: 'Images\\Linux arm64\\sample.wim' },
      },
      'clients[0].firmware: a firmware of a PC beside agent.by: multicast, for which the bundled agent for Arm has no program, got uefi-arm64',
      { ...SERVICES, images: { groups: { 'Linux arm64': ['sample.wim'] } } },
    ],
  ])('is refused %s', (_, client, problem, services) => expect(problems(client, services)).toContain(problem));
});

describe('its sender', () => {
  it.each<[object, string]>([
    [
      { ...SERVICES, multicast: { image: 'Images\\Linux\\simple.wim' } },
      'services.multicast.image: unknown image "Images\\\\Linux\\\\simple.wim" (known: Images\\Linux\\sample.wim; did you mean "Images\\\\Linux\\\\sample.wim"?)',
    ],
    [
      { dhcp: {}, tftp: {}, multicast: {} },
      'services.multicast: an image store (services.images) beside multicast, got none',
    ],
  ])('%j is refused', (services, problem) => expect(problems({ agent: {} }, services)).toEqual([problem]));

  it.each([
    [{ 'port-base': 9001 }, /port-base: expected an even port/],
    [{ 'max-bitrate': '100' }, /max-bitrate: expected bits in a second with their unit, e\.g\. 500kbit, 100Mbit/],
    [{ misbehave: { silent: true, 'dies-after': 1 } }, /misbehave: expected silent or never-starts alone/],
  ])('%j is refused', (multicast, problem) =>
    expect(problems({}, { ...SERVICES, multicast }).map((one) => one.replace(': ', ': expected '))).toEqual([
      expect.stringMatching(problem),
    ]),
  );
});
