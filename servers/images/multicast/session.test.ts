import { describe, expect, it } from 'vitest';
import { configProblems } from '../../service/service.ts';
import { multicastService } from '../multicast.ts';
import { multicastConfigSchema } from './config.ts';
import { senderArguments } from './session.ts';

const LEAST = { address: '172.22.52.207', root: '/srv/RemInst', image: 'a.wim' };
const argumentsOf = (config: object): string =>
  senderArguments(multicastConfigSchema.parse({ ...LEAST, ...config }), 'eth0').join(' ');

describe('udp-sender is started', () => {
  it('with a group and its own ports, and begins with the first receiver', () => {
    expect(argumentsOf({})).toBe(
      '--interface eth0 --portbase 9000 --nokbd --nopointopoint --min-receivers 1 --max-wait 60 --rexmit-hello-interval 1000 --stat-period 100',
    );
  });

  it.each([
    [{ receivers: 3, maxWaitMs: 1500, minWaitMs: 2000 }, '--min-receivers 3 --max-wait 2 --min-wait 2 '],
    [{ portBase: 9100 }, '--portbase 9100 '],
    [{ bitsPerSecond: 5_000_000 }, '--max-bitrate 5000000 '],
    [{ retries: 12 }, '--retries-until-drop 12 '],
  ])('with %j', (config, wanted) => {
    expect(argumentsOf(config)).toContain(wanted);
  });

  it('for more receivers than ever come when it is never to start', () => {
    const told = argumentsOf({ receivers: 1, maxWaitMs: 1000, misbehave: { 'never-starts': true } });
    expect(told).toContain('--min-receivers 1024 ');
    expect(told).not.toContain('--max-wait');
  });
});

it.each<[object, string]>([
  [{ portBase: 9001 }, 'portBase: expected an even port from 2 to 65534: the sender listens on the next one, got 9001'],
  [{ receivers: 0 }, 'receivers: expected a whole number of at least 1, got 0'],
  [
    { misbehave: { silent: true, 'dies-after': 1 } },
    'misbehave: expected silent or never-starts alone: nothing is sent then, got {"silent":true,"dies-after":1}',
  ],
])('%j is refused', (config, problem) => {
  const input = { ...LEAST, ...config };
  const { error } = multicastConfigSchema.safeParse(input);
  expect(error && configProblems(error, input)).toEqual([problem]);
});

it('the example in --help is a valid configuration', () => {
  expect(multicastService.schema.safeParse(multicastService.example).error).toBeUndefined();
});
