import { describe, expect, it } from 'vitest';
import { checkAllowedPrograms } from './programs.ts';
import { checkContent } from './content.ts';
import { rangeOf } from '../defaults.ts';
import { parseIpv4 } from '../schema/ipv4.ts';

const scenario = (programs: readonly object[], more: object = {}, rest: object = {}): unknown => ({
  name: 'own server',
  services: { programs, ...more },
  clients: [{ name: 'pc' }],
  ...rest,
});
const program = { name: 'dnsmasq', at: '172.22.52.207', command: ['dnsmasq'], ready: { udp: 67 } };
const problems = (value: unknown) =>
  checkContent(value).problems.map(({ path, expected, got }) => `${path.join('.')}: expected ${expected}, got ${got}`);

describe('programs of the user’s own', () => {
  it('may be all that a scenario has, and what clients then do has budgets', () => {
    const budgets = { proxy: '5s', nbp: '9s', kernel: '9s', authentication: '9s', image: '9s' };
    expect(problems(scenario([program, { ...program, name: 'nginx', ready: { log: 'start(ed)?' } }]))).toEqual([]);
    expect(problems(scenario([program], {}, { budgets }))).toEqual([]);
    expect(problems(scenario([program], { images: {} }, { budgets }))).toEqual([]);
  });

  it('are hosts, which no client gets the address of', () => {
    const { content } = checkContent(scenario([{ ...program, at: '172.22.52.100' }], { dhcp: {} }));
    const range = content && rangeOf(content);
    expect(range?.first).toBe((parseIpv4('172.22.52.100') ?? 0) + 1);
    const given = { dhcp: { range: '172.22.52.200-172.22.52.210', reservations: { pc: '172.22.52.207' } } };
    expect(problems(scenario([program], given))).toEqual([
      'services.dhcp.range: expected a range without the addresses of hosts, got 172.22.52.200-172.22.52.210, which holds 172.22.52.207 (program dnsmasq)',
      'services.dhcp.reservations.pc: expected an address that no host has, got 172.22.52.207, which program dnsmasq has',
    ]);
  });

  it.each<[what: string, programs: readonly object[], message: RegExp]>([
    ['two of one name', [program, { ...program, name: 'DNSmasq' }], /^services\.programs\.1\.name: /],
    [
      'one outside of the subnet',
      [{ ...program, at: '10.0.0.1' }],
      /^services\.programs\.0\.at: expected a host address/,
    ],
    [
      'a shell line',
      [{ ...program, command: 'dnsmasq -k' }],
      /command: expected a list: the program, then its arguments/,
    ],
    ['nothing to wait for', [{ ...program, ready: {} }], /ready: expected one of \{ udp: port \}, \{ tcp: port \} and/],
    ['two things to wait for', [{ ...program, ready: { udp: 67, tcp: 80 } }], /ready: expected one of \{ udp: port \}/],
    [
      'a broken expression',
      [{ ...program, ready: { log: '(' } }],
      /ready\.log: expected a regular expression that JavaScript understands, got "\("/,
    ],
  ])('refuses %s', (_, programs, message) => expect(problems(scenario(programs)).join('\n')).toMatch(message));

  it('need the user’s leave to run', () => {
    const { content } = checkContent(scenario([program]));
    if (!content) throw new Error('expected a scenario without problems');
    expect(checkAllowedPrograms(content, true)).toEqual([]);
    expect(checkAllowedPrograms(content, false)[0]?.says).toBe(
      'the scenario runs programs on this host (dnsmasq), with your rights and on your files: if you trust it, add --allow-programs (allowPrograms in describeScenarios)',
    );
  });
});
