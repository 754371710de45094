import { describe, expect, it } from 'vitest';
import { CLIENT, SERVER, type Host } from '../../observe/testing/scene.ts';
import { NdpScene } from '../../protocols/ndp/testing/scene.ts';
import { createJudge } from '../judge.ts';
import type { JudgedClient } from '../judge-types.ts';
import { boot, BootStory, START_US } from '../testing/boot-story.ts';
import { expecting, judge, PC, planOf } from '../testing/judge-story.ts';

const OTHER: Host = { mac: '52:54:00:99:99:99', ip: '172.22.52.223' };
const clients: readonly JudgedClient[] = [PC, { ...PC, name: 'pc-2', mac: OTHER.mac }];
const plan = planOf({ expectations: expecting(['tftp.transfer']) });

describe('several clients', () => {
  it('are judged each by itself, and strangers are left alone', () => {
    const story = boot().dhcpBoot();
    new BootStory(story.tape, { mac: '52:54:00:00:00:aa', ip: '172.22.52.224' }).offered();
    const judging = createJudge({ linkType: 1, clients, plan, startUs: START_US });
    judging.frames(story.frames);
    expect(judging.settled).toBe(false);
    judging.ended({ mac: OTHER.mac, atUs: START_US + 20_000_000, reason: 'the VM was switched off' });
    expect(judging.settled).toBe(true);
    expect(judging.finish()).toMatchObject([
      { name: 'pc', verdict: 'passed' },
      {
        name: 'pc-2',
        verdict: 'failed',
        steps: [
          {
            step: 'tftp.transfer',
            verdict: 'failed',
            actual: 'none; the client sent nothing; the VM was switched off',
          },
        ],
      },
    ]);
  });

  it('pass with a failure of their own when that comes, beside one that boots', () => {
    const story = { expectations: [], expectFailure: { step: 'dhcp.nak', cause: 'dhcp-nak' } };
    const refused: JudgedClient = { ...PC, name: 'pc-2', mac: OTHER.mac, story };
    const told = boot().dhcpBoot();
    const judging = createJudge({ linkType: 1, clients: [PC, refused], plan, startUs: START_US });
    judging.frames(told.frames);
    expect([judging.isSettled(PC.mac), judging.settled]).toEqual([true, false]);
    const before = told.frames.length;
    new BootStory(told.tape, OTHER)
      .offered()
      .also(({ dhcp }) => dhcp.choose().answer('nak', { server: '172.22.52.1', message: 'no' }));
    judging.frames(told.frames.slice(before));
    expect(judging.settled).toBe(true);
    expect(judging.finish().map(({ verdict }) => verdict)).toEqual(['passed', 'passed']);
  });
});

describe('the end of a VM', () => {
  const unmet = (reason: string, story = boot().dhcpBoot()) =>
    judge(story, planOf({ expectations: expecting(['smb.negotiate']) }), { ended: reason }).failed[0];

  it('is told when it came early', () => {
    expect(unmet('QEMU exited with code 1')).toMatchObject({
      step: 'smb.negotiate',
      cause: 'vm-ended-early',
      actual: expect.stringContaining('QEMU exited with code 1') as string,
    });
  });

  it('by a system that found no network and switched itself off says so', () => {
    expect(unmet('guest-shutdown')).toMatchObject({ step: 'smb.negotiate', cause: 'guest-no-network' });
  });

  it('is the same where a router speaks to every host and a server looks for it, and another one where the system asks for a router', () => {
    const client = { mac: PC.mac, ip: 'fe80::5054:ff:fe01' };
    const router = { mac: '52:54:00:00:00:01', ip: 'fe80::1' };
    const booted = boot().also(({ tape }) => new NdpScene(tape).routerSolicit(client).routerAdvertise(router));
    booted.dhcpBoot().wait(5000);
    new NdpScene(booted.tape).routerAdvertise(router);
    // The server's host looks for the client, too, as after each transfer.
    booted.also(({ link }) => link.arp(1, SERVER, CLIENT)).wait(1000);
    booted.also(({ link }) => link.arp(1, SERVER, CLIENT)).wait(1000);
    expect(unmet('guest-shutdown', booted)).toMatchObject({ cause: 'guest-no-network' });
    new NdpScene(booted.tape).routerSolicit(client);
    expect(unmet('guest-shutdown', booted)).toMatchObject({ cause: 'vm-ended-early' });
  });
});

it('a verdict stays whatever comes after it was settled', () => {
  expect(judge(boot().dhcpBoot().missesFiles('pxelinux.0'), plan).client.verdict).toBe('passed');
});

it('frames that step back in time are borne', () => {
  const frames = boot()
    .dhcpBoot()
    .frames.map((frame, index) => (index % 3 === 0 ? { ...frame, atUs: frame.atUs - 5000 } : frame));
  expect(judge({ frames }, plan).client.verdict).toBe('passed');
});
