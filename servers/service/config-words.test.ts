import { expect, it } from 'vitest';
import { dhcpMisbehaviours } from '../boot/dhcp/misbehaviours.ts';
import { tftpMisbehaviours } from '../boot/tftp/misbehaviours.ts';
import { controlMisbehaviours } from '../images/control/misbehaviours.ts';
import { CONFIG_WORDS } from './config-words.ts';
import { configProblems } from './service.ts';

const dhcp = dhcpMisbehaviours(CONFIG_WORDS);
const tftp = tftpMisbehaviours(CONFIG_WORDS);
const control = controlMisbehaviours(CONFIG_WORDS);

it('a configuration has milliseconds and hardware addresses where a scenario has units and names', () =>
  expect(dhcp.parse({ delay: 3000, silent: { after: 1, for: ['52-54-00-00-00-07'] } })).toEqual({
    delay: 3000,
    silent: { after: 1, for: ['52:54:00:00:00:07'] },
  }));

it.each([
  [dhcp, { delay: '3s' }, 'delay: expected milliseconds, a whole number from 0 to 86400000, got "3s"'],
  [
    dhcp,
    { silent: false },
    'silent: expected true, or { after: answers }, { for: [clients] } or { architectures: [names] }, got false',
  ],
  [dhcp, { nak: 1 }, 'nak: expected true or false, got 1'],
  [tftp, { 'drop-block': [] }, 'drop-block: expected at least one block, got []'],
  [tftp, { 'drop-block': [0] }, 'drop-block.0: expected a block, a whole number from 1 to 65535, got 0'],
  [tftp, { missing: [7] }, 'missing.0: expected a path, got 7'],
  [tftp, { dropBlock: [1] }, 'configuration: Unrecognized key: "dropBlock", got {"dropBlock":[1]}'],
  [
    tftp,
    { 'oack-omit': ['size'] },
    'oack-omit.0: expected one of blksize, tsize, windowsize, timeout, msftwindow, got "size"',
  ],
  [
    control,
    { faults: { LOG_INIT: 0 } },
    'faults.LOG_INIT: expected a status, a whole number from 1 to 4294967295, got 0',
  ],
])('%# says what was expected', (schema, config, problem) => {
  const { error } = schema.safeParse(config);
  expect(error && configProblems(error, config)).toEqual([problem]);
});
