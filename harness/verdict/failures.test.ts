import { describe, expect, it } from 'vitest';
import { SERVER } from '../observe/testing/scene.ts';
import type { TftpScene } from '../protocols/tftp/testing/scene.ts';
import { STATUS } from '../protocols/smb/testing/scene.ts';
import { boot, IMAGE_PATH } from './testing/boot-story.ts';
import { expecting, judge, planOf } from './testing/judge-story.ts';
import { service } from './testing/planned-services.ts';

const TOLD = { siaddr: SERVER.ip, bootfile: 'pxelinux.0' };
const imageWanted = planOf({ expectations: expecting(['image.transfer']) });

describe('an address or a boot file that does not come', () => {
  const asked = boot()
    .wait(3000)
    .also(({ dhcp }) => dhcp.discover());
  const plan = planOf({ budgets: { dhcp: 8000 } });

  it('fails at the dhcp budget when no server answers', () => {
    const { client, settledBeforeEnd, failed } = judge(asked, plan, { idleMs: 8001 });
    expect(settledBeforeEnd).toBe(true);
    expect(failed[0]).toMatchObject({
      step: 'dhcp.offer',
      cause: 'dhcp-silent',
      durationMs: 8000,
      expected: 'an OFFER within 8000 ms',
      atMs: 3000.1,
    });
    expect(client.why).toContain('PXE-E51');
  });

  it('fails at the boot program that nobody answers, and not at the silence of a system that nothing could load', () => {
    const story = boot()
      .dhcpRound({ ...TOLD, userClass: 'iPXE' })
      .loads(['pxelinux.0', 4000])
      .wait(2000)
      .also(({ dhcp }) => dhcp.discover())
      .wait(4000)
      .also(({ dhcp }) => dhcp.discover());
    expect(judge(story, imageWanted, { idleMs: 200_000 }).failed[0]).toMatchObject({
      step: 'dhcp.offer',
      expected: 'an OFFER within 60000 ms',
    });
  });

  it('does not fail before the budget is over', () => {
    expect(judge(asked, plan, { idleMs: 7999 }).settledBeforeEnd).toBe(false);
  });

  it('fails when the server takes the address back', () => {
    const story = boot()
      .offered()
      .wait(2000)
      .also(({ dhcp }) => dhcp.choose().answer('nak', { server: '172.22.52.1', message: 'no' }));
    expect(judge(story).failed[0]).toMatchObject({ step: 'dhcp.nak', cause: 'dhcp-nak', detail: { message: 'no' } });
  });

  it('says that no server named a boot file', () => {
    expect(judge(boot().dhcpRound(), planOf({ budgets: { nbp: 2000 } }), { idleMs: 2001 }).failed[0]).toMatchObject({
      step: 'tftp.read-request',
      cause: 'no-boot-file',
    });
  });

  it('says that the client ignores the boot file it was told', () => {
    const story = boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'a.0' });
    expect(judge(story, planOf({ budgets: { nbp: 2000 } }), { idleMs: 2001 }).failed[0]).toMatchObject({
      cause: 'boot-file-never-asked-for',
      expected: expect.stringContaining('“a.0” (dhcp.ack in frame 5)') as string,
    });
  });

  it('says that the client asks for another file, or another server', () => {
    const other = boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'a.0' }).loads(['b.0', 1000]);
    expect(judge(other).failed[0]).toMatchObject({ step: 'tftp.read-request', cause: 'wrong-boot-file' });
    const elsewhere = boot().dhcpRound({ siaddr: '172.22.52.9', bootfile: 'a.0' }).loads(['a.0', 1000]);
    expect(judge(elsewhere).failed[0]).toMatchObject({ step: 'tftp.read-request', cause: 'wrong-boot-server' });
  });

  it('says that the boot server is silent, answers without a file, or from another port', () => {
    const asking = () => boot().pxeRound().proxyQuestion();
    expect(judge(asking(), planOf({}), { idleMs: 10_001 }).failed[0]).toMatchObject({
      step: 'proxydhcp.ack',
      cause: 'proxydhcp-silent',
    });
    expect(judge(boot().pxeRound().proxyRound('')).failed[0]).toMatchObject({
      step: 'proxydhcp.ack',
      cause: 'proxydhcp-no-boot-file',
    });
    const wrongPort = asking().also(({ dhcp }) =>
      dhcp.bootServerAnswer({ bootfile: 'a.0' }, SERVER, { from: 67, to: 68 }),
    );
    expect(judge(wrongPort).failed[0]).toMatchObject({
      step: 'proxydhcp.ack',
      cause: 'proxydhcp-wrong-port',
      actual: 'from port 67',
    });
  });

  it('fails when the told boot file is not on the server', () => {
    const { client, settledBeforeEnd, failed } = judge(
      boot().dhcpRound({ siaddr: SERVER.ip, bootfile: 'gone.0' }).missesFiles('gone.0'),
      planOf({ expectFailure: { step: 'tftp.error', cause: 'boot-file-missing' } }),
    );
    expect(client.verdict).toBe('passed');
    expect(settledBeforeEnd).toBe(true);
    expect(failed[0]).toMatchObject({ actual: 'error 1 by the server: File not found' });
  });

  it('fails at once when a file that the scenario names is not on the server', () => {
    const story = boot().proxyBoot().missesFiles('boot/vmlinuz');
    expect(
      judge(story, planOf({ expectations: expecting(['tftp.transfer', { path: 'boot/vmlinuz' }]) })),
    ).toMatchObject({ settledBeforeEnd: true, failed: [{ step: 'tftp.error', cause: 'boot-file-missing' }] });
  });

  it('guesses a missing driver when the network stays silent after the kernel', () => {
    const { failed } = judge(
      boot().proxyBoot().pxelinux(),
      planOf({ budgets: { os: 30_000 }, expectations: expecting(['image.transfer']) }),
      { idleMs: 30_001 },
    );
    expect(failed[0]).toMatchObject({ step: 'dhcp.discover', cause: 'guest-no-network' });
  });
});

describe('what TFTP servers get wrong', () => {
  it('tells a server that never answered from one that fell silent, when the client gave up', () => {
    const plan = planOf({ expectations: expecting(['tftp.transfer', { path: 'pxelinux.0' }]) });
    const causeOf = (and: (scene: TftpScene) => TftpScene): unknown =>
      judge(
        boot()
          .dhcpRound(TOLD)
          .also(({ tftp }) => and(tftp.request('pxelinux.0'))),
        plan,
        { ended: 'the client gave up' },
      ).failed.map(({ step, cause }) => [step, cause]);
    expect(causeOf((tftp) => tftp.request('pxelinux.0'))).toEqual([['tftp.transfer', 'tftp-silent']]);
    expect(causeOf((tftp) => tftp.lockstep(1, 2, 512))).toEqual([['tftp.transfer', 'transfer-stalled']]);
  });

  it('fails options that were not asked for, and a file that is not as long as it was to be', () => {
    const enlarged = boot()
      .dhcpRound(TOLD)
      .also(({ tftp }) => tftp.request('pxelinux.0', 'blksize=1456', 'tsize=0').optionAck('blksize=8192').ack(0));
    expect(judge(enlarged).failed[0]).toMatchObject({
      step: 'tftp.option-ack',
      cause: 'tftp-illegal-option-ack',
      expected: 'blksize of 8 to 1456 (RFC 2348)',
    });
    const short = boot()
      .dhcpRound(TOLD)
      .also(({ tftp }) => tftp.shortened('pxelinux.0', 42_000, 41_000));
    expect(judge(short).failed[0]).toMatchObject({ step: 'tftp.transfer', cause: 'transfer-size-mismatch' });
  });

  it('takes a size probe for what it is only when a size was asked for', () => {
    const probe = boot()
      .dhcpRound(TOLD)
      .also(({ tftp }) => tftp.probe('pxelinux.0', 42_000));
    expect(judge(probe).named('tftp.size-probe')[0]).toMatchObject({ verdict: 'passed', detail: { tsize: 42_000 } });
    const sizeless = boot()
      .dhcpRound(TOLD)
      .also(({ tftp }) =>
        tftp.request('pxelinux.0', 'blksize=1456').optionAck('blksize=1456').error(0, 'TFTP Aborted'),
      );
    expect(judge(sizeless).failed[0]).toMatchObject({ step: 'tftp.error', cause: 'tftp-options-refused' });
  });
});

describe('a share or an image that the client does not get', () => {
  const refused = () => boot().booted().smbLogon(STATUS.logonFailure);

  it('passes a negative scenario by its first failure, and at once', () => {
    const plan = planOf({ expectFailure: { step: 'smb.session-setup', cause: 'wrong-password' } });
    const { client, settledBeforeEnd, failed } = judge(refused(), plan);
    expect(client.verdict).toBe('passed');
    expect(settledBeforeEnd).toBe(true);
    expect(failed[0]).toMatchObject({
      detail: { user: 'SYSTEM\\administrateur', status: 'STATUS_LOGON_FAILURE' },
      expected: 'the server accepts the logon of SYSTEM\\administrateur',
    });
  });

  it('fails a negative scenario whose failure has another cause, or does not come', () => {
    const locked = planOf({ expectFailure: { step: 'smb.session-setup', cause: 'account-locked' } });
    expect(judge(refused(), locked).client.verdict).toBe('failed');
    const silent = planOf({ expectFailure: { step: 'dhcp.offer', cause: 'dhcp-silent' } });
    const { client, failed } = judge(boot().wdsInstall(), silent);
    expect(client.verdict).toBe('failed');
    expect(failed[0]).toMatchObject({ step: 'dhcp.offer', cause: 'failure-missing' });
    const withoutCause = planOf({ expectFailure: { step: 'dhcp.offer' } });
    expect(judge(boot().wdsInstall(), withoutCause).client.verdict).toBe('failed');
  });

  it('tells a wrong name from a wrong password where the plan knows the names', () => {
    const services = [service('smb', { accounts: [{ name: 'somebody', password: 'p' }] })];
    expect(judge(refused(), { ...imageWanted, services }).failed[0]?.cause).toBe('unknown-user');
  });

  it.each([
    [STATUS.accountLocked, 'account-locked'],
    [STATUS.accountDisabled, 'account-disabled'],
    [STATUS.accessDenied, 'access-denied'],
  ])('names the cause of logon status %i: %s', (status, cause) => {
    expect(judge(boot().booted().smbLogon(status)).failed[0]).toMatchObject({ step: 'smb.session-setup', cause });
  });

  it('fails when the image is not on the share', () => {
    const story = boot().booted().mounted();
    story.smb.misses(IMAGE_PATH);
    const plan = planOf({ expectations: expecting(['image.transfer', { path: 'images/linux/SAMPLE.wim' }]) });
    const { settledBeforeEnd, failed } = judge(story, plan);
    expect(failed).toMatchObject([
      { step: 'smb.open', cause: 'image-missing', actual: 'STATUS_OBJECT_NAME_NOT_FOUND' },
    ]);
    expect(settledBeforeEnd).toBe(true);
  });

  it('records a file that a client only looks for, and fails when it then gives up', () => {
    const probing = () =>
      boot()
        .booted()
        .mounted()
        .also(({ smb }) => smb.misses('Images\\Linux\\unattend.xml'));
    expect(judge(probing().imageRead()).failed).toEqual([]);
    const { failed } = judge(probing().also(({ smb }) => smb.wait(100_000).disconnect()));
    expect(failed).toMatchObject([
      { step: 'smb.open', cause: 'image-missing', actual: expect.stringContaining('closed the connection') as string },
    ]);
  });

  it('says that the image is missing when a client that looked at others asks for it last and is gone', () => {
    const missing = () =>
      boot()
        .booted()
        .mounted()
        .imageLooked()
        .also(({ smb }) => smb.misses('Images\\Linux\\withdrawn.wim'));
    const plan = planOf({
      expectations: expecting(['smb.tree-connect']),
      expectFailure: { step: 'smb.open', cause: 'image-missing' },
    });
    expect(
      judge(
        missing().also(({ smb }) => smb.wait(50_000).disconnect()),
        plan,
      ),
    ).toMatchObject({ settledBeforeEnd: true, client: { verdict: 'passed' } });
    expect(judge(missing(), plan).client.verdict).toBe('passed');
    expect(judge(missing().imageRead(), plan).client.verdict).toBe('failed');
  });

  it('names a share that does not exist', () => {
    const story = boot()
      .booted()
      .smbLogon()
      .also(({ smb }) => smb.referral().mount('REMINST', STATUS.shareUnknown));
    expect(judge(story).failed[0]).toMatchObject({
      step: 'smb.tree-connect',
      cause: 'share-missing',
      detail: { share: 'REMINST' },
    });
  });

  it('says that the file server does not accept connections', () => {
    const silent = judge(
      boot()
        .booted()
        .also(({ smb }) => smb.syn()),
      imageWanted,
      { idleMs: 16_000 },
    );
    expect(silent.failed[0]).toMatchObject({
      step: 'tcp.connect',
      cause: 'smb-unreachable',
      actual: 'no answer to SYN',
    });
    const rejected = boot()
      .booted()
      .also(({ smb }) => smb.refused());
    expect(judge(rejected).failed[0]).toMatchObject({
      step: 'tcp.connect',
      cause: 'smb-unreachable',
      actual: 'it answers with RST',
    });
  });
});
