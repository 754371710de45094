import { describe, expect, it } from 'vitest';
import { checkContent } from './content.ts';
import { addressesOf, directoryOf } from '../defaults.ts';

const scenario = (authentication: object, more: object = {}): unknown => ({
  name: 'a domain',
  services: { dhcp: {}, pxe: { bootfile: 'boot\\x86\\wdsnbp.com' }, tftp: {}, images: {}, authentication },
  clients: [{ name: 'pc', disk: '1GiB', agent: { logon: { user: 'administrateur', authentication: 'kerberos' } } }],
  ...more,
});
const problems = (value: unknown) =>
  checkContent(value).problems.map(({ path, expected, got }) => `${path.join('.')}: expected ${expected}, got ${got}`);

describe('a scenario with a domain', () => {
  it('has its controller, and the image store on it, where the boot server is', () => {
    const { content } = checkContent(scenario({ kind: 'active-directory' }));
    expect(content && directoryOf(content)).toEqual({
      realm: 'system.lab',
      domain: 'SYSTEM',
      host: 'WDS',
      address: '172.22.52.207',
    });
  });

  it('follows the address of either, and takes its realm from its name', () => {
    const { content } = checkContent(scenario({ kind: 'active-directory', domain: 'Labo', at: '172.22.52.9' }));
    expect(content && addressesOf(content)).toMatchObject({
      authentication: '172.22.52.9',
      images: '172.22.52.9',
      tftp: '172.22.52.207',
    });
    expect(content && directoryOf(content)).toMatchObject({ realm: 'labo.lab', domain: 'LABO' });
  });

  it('refuses an image store that is elsewhere', () => {
    const services = {
      dhcp: {},
      pxe: { bootfile: 'boot\\x86\\wdsnbp.com' },
      tftp: {},
      images: { at: '172.22.52.8' },
      authentication: { kind: 'active-directory', at: '172.22.52.9' },
    };
    expect(problems(scenario({}, { services }))).toEqual([
      "services.images.at: expected the domain controller's address, 172.22.52.9, which the shares are on, got 172.22.52.8",
    ]);
  });

  it('reads a clock that is behind', () => {
    const { content } = checkContent(
      scenario({ kind: 'active-directory' }, { clients: [{ name: 'pc', 'clock-offset': '-2h' }] }),
    );
    expect(content?.clients[0]?.['clock-offset']).toBe(-7_200_000);
    expect(
      problems(scenario({ kind: 'active-directory' }, { clients: [{ name: 'pc', 'clock-offset': 'yesterday' }] }))[0],
    ).toContain('a duration, with a minus when the clock is behind');
  });
});

it('refuses without a domain what only a domain has, each at its place', () => {
  const found = problems(
    scenario(
      { realm: 'system.lab', users: [{ name: 'administrateur', password: 'p', locked: true }] },
      { after: { joined: true } },
    ),
  );
  expect(found.map((line) => line.split(':')[0])).toEqual([
    'services.authentication.realm',
    'services.authentication.users.0.locked',
    'clients.0.agent.logon.authentication',
    'after.joined',
  ]);
  expect(found[0]).toContain('expected kind: active-directory with it');
});
