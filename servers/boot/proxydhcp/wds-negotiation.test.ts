import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { optionText } from '../../../harness/protocols/dhcp/wire/options.ts';
import type { ByteOrder } from '../../../harness/packet/byte-order.ts';
import { wdsBootProgramData, wdsValues } from '../../../harness/protocols/dhcp/wire/wds.ts';
import type { Device } from '../../state/device-store.ts';
import { wdsConfig, type WdsConfig } from './wds-config.ts';
import { afterPoll } from './wds-devices.ts';
import { negotiate, type WdsReply } from './wds-negotiation.ts';
import { MAC, OTHER_MAC } from '../testing/messages.ts';

const at = '2026-11-24T12:00:00.000Z';
const BIOS = { architecture: 0 };
const device = (over: Partial<Device>): Device => ({
  key: MAC,
  mac: MAC,
  status: 'pending',
  requestId: 7,
  firstSeenAt: at,
  lastSeenAt: at,
  ...over,
});
const settings = (over: z.input<typeof wdsConfig> = {}): WdsConfig => wdsConfig.parse(over);

const said = (reply: WdsReply | string, byteOrder?: ByteOrder) => {
  if (typeof reply === 'string') return reply;
  const message = { options: reply.options.map((option) => ({ ...option, offset: 0 })) };
  return { file: reply.file, bcd: optionText(message, 252), ...wdsValues(message, byteOrder) };
};
const answer = (asked: Parameters<typeof negotiate>[0], config: WdsConfig, known?: Device, request = BIOS) =>
  said(negotiate(asked, request, known, config));

describe('the second reply, to a boot program', () => {
  it.each([
    ['opt-in', 'boot\\x86\\pxeboot.com', 1],
    ['no-prompt', 'boot\\x86\\pxeboot.n12', 2],
    ['opt-out', 'boot\\x86\\pxeboot.n12', 3],
  ] as const)('follows the prompt policy %s: %s, and says so', (prompt, file, pxeClientPrompt) => {
    expect(answer({ architecture: 0 }, settings({ prompt, bcd: 'boot\\bcd' }))).toEqual({
      file,
      bcd: 'boot\\bcd',
      pxeClientPrompt,
    });
  });

  it('names the program that asks nothing when the prompt has been made', () => {
    expect(answer({ architecture: 0, pxePromptDone: 1 }, settings())).toEqual({
      file: 'boot\\x86\\pxeboot.n12',
      pxeClientPrompt: 2,
    });
  });

  it('takes the folder of the processor that the boot program found, and the program of the firmware that asked', () => {
    expect(answer({ architecture: 9 }, settings({ prompt: 'no-prompt' }))).toMatchObject({
      file: 'boot\\x64\\pxeboot.n12',
    });
    expect(answer({ architecture: 7 }, settings(), undefined, { architecture: 7 })).toMatchObject({
      file: 'boot\\x64\\bootmgfw.efi',
    });
    expect(answer({}, settings())).toMatchObject({ file: 'boot\\x86\\pxeboot.com' });
    expect(answer({ architecture: 2 }, settings())).toBe('no boot program for architecture 2');
  });

  it('takes other names, and answers the version query when it has a version', () => {
    const programs = { prompted: 'f12.com', unprompted: 'now.com', abort: 'stop.com', uefi: 'a.efi' };
    expect(answer({ versionQuery: true }, settings({ programs, serverVersion: 0x0600 }))).toEqual({
      file: 'boot\\x86\\f12.com',
      pxeClientPrompt: 1,
      serverVersion: 0x0600,
    });
    expect(answer({ versionQuery: true }, settings())).not.toHaveProperty('serverVersion');
  });

  it('refers to another server', () => {
    expect(answer({}, settings({ referral: '172.22.52.208' }))).toEqual({
      file: undefined,
      bcd: undefined,
      nextAction: 3,
      referralServer: '172.22.52.208',
    });
  });
});

describe('the approval of a device', () => {
  const approval = { pollIntervalMs: 2000, retries: 10, message: 'Call Anne' };
  const waiting = settings({ state: '/state', unknown: 'pending', approval, bcd: 'bcd' });

  it('makes it wait, with the number that its user tells and how often to ask', () => {
    expect(answer({}, waiting, device({}))).toEqual({
      file: undefined,
      bcd: undefined,
      nextAction: 1,
      pollInterval: 2,
      pollRetryCount: 10,
      requestId: 7,
      message: 'Call Anne',
    });
    expect(answer({}, waiting, device({ message: 'Ticket 5' }))).toMatchObject({ message: 'Ticket 5' });
  });

  it('writes numbers in the unit and byte order that are set', () => {
    const config = settings({
      state: '/state',
      unknown: 'pending',
      approval,
      pollIntervalUnitMs: 100,
      byteOrder: 'little-endian',
    });
    expect(said(negotiate({}, BIOS, device({}), config), 'little-endian')).toMatchObject({
      pollInterval: 20,
      requestId: 7,
    });
  });

  it('lets it boot when it is approved or prestaged', () => {
    expect(answer({}, waiting, device({ status: 'approved', message: 'Welcome' }))).toMatchObject({
      file: 'boot\\x86\\pxeboot.com',
      bcd: 'bcd',
      actionDone: 1,
      requestId: 7,
      message: 'Welcome',
    });
    expect(answer({}, waiting, device({ status: 'prestaged' }))).toEqual({
      file: 'boot\\x86\\pxeboot.com',
      bcd: 'bcd',
      pxeClientPrompt: 1,
    });
  });

  it('sends it away when it is rejected, by action and by program', () => {
    expect(answer({}, waiting, device({ status: 'rejected', message: 'No' }))).toEqual({
      file: 'boot\\x86\\abortpxe.com',
      bcd: undefined,
      nextAction: 5,
      requestId: 7,
      message: 'No',
    });
  });

  it('asks nobody without a store, or where unknown computers are answered', () => {
    expect(answer({}, settings({ unknown: 'pending' }))).toMatchObject({ file: 'boot\\x86\\pxeboot.com' });
    expect(answer({}, settings({ state: '/state' }))).toMatchObject({ file: 'boot\\x86\\pxeboot.com' });
  });

  it('fits any message of an administrator into its sub-option', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1, maxLength: 1024 }), (message) => {
        const reply = negotiate({}, BIOS, device({ message }), waiting);
        if (typeof reply === 'string') expect.unreachable();
        const read = wdsBootProgramData({ options: reply.options.map((option) => ({ ...option, offset: 0 })) });
        expect(read?.malformed).toBeUndefined();
        // Up to its first NUL, since a sub-option's text ends there.
        const sent = read?.options.find(({ name }) => name === 'message')?.value;
        expect(sent === undefined || (typeof sent === 'string' && message.startsWith(sent))).toBe(true);
      }),
    );
  });
});

describe('the device list, asked by a boot program', () => {
  const config = settings({
    state: '/state',
    unknown: 'pending',
    administrator: [{ afterPolls: 2, status: 'approved', mac: MAC, name: 'PC01' }],
  });
  const asker = { mac: MAC, uuid: undefined, architecture: 0 };
  const poll = (devices: readonly Device[], who = asker, how: WdsConfig = config): readonly Device[] =>
    afterPoll(devices, who, how, at);

  it('enters an unknown device, counts its questions, and decides when the moment has come', () => {
    const lists = [poll([]), poll(poll([])), poll(poll(poll([])))];
    expect(lists.map(([one]) => [one?.status, one?.polls, one?.requestId])).toEqual([
      ['pending', 0, 1],
      ['pending', 1, 1],
      ['approved', 2, 1],
    ]);
    expect(lists[2]?.[0]).toMatchObject({ name: 'PC01', architecture: 0 });
  });

  it('decides about nobody else', () => {
    expect(
      poll(poll(poll([], { ...asker, mac: OTHER_MAC }), { ...asker, mac: OTHER_MAC }), { ...asker, mac: OTHER_MAC }),
    ).toMatchObject([{ status: 'pending', polls: 2 }]);
  });

  it('is not grown by made-up addresses beyond its limit', () => {
    const small = settings({ state: '/state', unknown: 'pending', limits: { devices: 3, waiting: 1 } });
    const flooded = Array.from({ length: 9 }).reduce<readonly Device[]>(
      (devices, _, i) => poll(devices, { ...asker, mac: `52:54:00:00:00:0${i}` }, small),
      [],
    );
    expect(flooded).toHaveLength(3);
  });
});
