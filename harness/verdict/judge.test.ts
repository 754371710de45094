import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openCaptureFile } from '../tcpdump-wrapper/src/index.ts';
import type { Frame } from '../packet/frame.ts';
import { createJudge } from './judge.ts';
import { judgeFrames } from './judge-frames.ts';
import { planOf } from './testing/judge-story.ts';
import { service } from './testing/planned-services.ts';

// Captures of software that is not ours, kept beside the observer.
const testdata = (name: string): string => fileURLToPath(new URL(`../observe/testdata/${name}.pcap`, import.meta.url));

async function framesOf(name: string): Promise<{ linkType: number; frames: Frame[] }> {
  const source = await openCaptureFile(testdata(name));
  const frames: Frame[] = [];
  for await (const batch of source.batches()) frames.push(...batch);
  return { linkType: source.linkType, frames };
}

describe('a capture of software that is not ours', () => {
  it('tells a wrong password and a missing share of a real Samba', async () => {
    const { linkType, frames } = await framesOf('smb-refused');
    const [client] = await judgeFrames([frames], { linkType, clients: [] });
    expect(client?.steps.filter(({ verdict }) => verdict === 'failed')).toMatchObject([
      {
        step: 'smb.session-setup',
        cause: 'wrong-password',
        detail: { user: 'SYSTEM\\root', status: 'STATUS_LOGON_FAILURE' },
      },
      { step: 'smb.tree-connect', cause: 'share-missing', detail: { share: 'Nope' } },
    ]);
  });

  it('tells why a domain controller let nobody in by NTLM', async () => {
    const { linkType, frames } = await framesOf('smb-refused-by-directory');
    const users = ['administrateur', 'locked', 'expired'].map((name) => ({ name, password: 'p' }));
    const services = [service('active-directory', { users })];
    const [client] = await judgeFrames([frames], {
      linkType,
      clients: [],
      plan: planOf({ services }),
    });
    expect(
      client?.steps
        .filter(({ step }) => step === 'smb.session-setup')
        .map(({ detail, cause }) => [detail?.['user'], detail?.['status'], cause]),
    ).toEqual([
      ['SYSTEM\\nobody', 'STATUS_LOGON_FAILURE', 'unknown-user'],
      ['SYSTEM\\administrateur', 'STATUS_LOGON_FAILURE', 'wrong-password'],
      ['SYSTEM\\locked', 'STATUS_ACCOUNT_LOCKED_OUT', 'account-locked'],
      ['SYSTEM\\expired', 'STATUS_PASSWORD_EXPIRED', 'password-expired'],
    ]);
  });

  it('tells why a domain controller gave nobody a ticket', async () => {
    const { linkType, frames } = await framesOf('kerberos-refusals');
    const [client] = await judgeFrames([frames], { linkType, clients: [] });
    expect(
      client?.steps
        .filter(({ verdict }) => verdict === 'failed')
        .map(({ step, detail, cause, actual }) => [step, detail?.['user'], cause, actual]),
    ).toEqual([
      ['kerberos.as', 'nobody', 'unknown-user', 'KDC_ERR_C_PRINCIPAL_UNKNOWN'],
      ['kerberos.as', 'administrateur', 'wrong-password', 'KDC_ERR_PREAUTH_FAILED'],
      ['kerberos.as', 'locked', 'account-locked', 'KDC_ERR_CLIENT_REVOKED, STATUS_ACCOUNT_LOCKED_OUT'],
      ['kerberos.as', 'expired', 'password-expired', 'KDC_ERR_KEY_EXPIRED, STATUS_PASSWORD_EXPIRED'],
    ]);
  });

  it('tells that a clock is wrong', async () => {
    const { linkType, frames } = await framesOf('kerberos-skew');
    const [client] = await judgeFrames([frames], { linkType, clients: [] });
    expect(client?.steps.filter(({ verdict }) => verdict === 'failed')).toMatchObject([
      { step: 'kerberos.as', cause: 'clock-skew', actual: 'KRB_AP_ERR_SKEW', detail: { user: 'administrateur' } },
    ]);
  });

  it('follows kinit and smbclient from the first AS-REQ to the share', async () => {
    const { linkType, frames } = await framesOf('kerberos-smbclient');
    const [client] = await judgeFrames([frames], { linkType, clients: [] });
    expect(client?.verdict).toBe('passed');
    expect(client?.steps.find(({ step }) => step === 'kerberos.as')).toMatchObject({
      verdict: 'passed',
      frames: [6, 7, 8, 9, 13, 17],
      detail: { user: 'administrateur', realm: 'SYSTEM.LAB', service: 'krbtgt/SYSTEM.LAB', carrier: 'tcp' },
    });
    expect(
      client?.steps
        .filter(({ machine }) => machine === 'kerberos')
        .map(({ step, verdict, detail }) => [step, verdict, detail?.['error'] ?? detail?.['service']]),
    ).toEqual([
      ['kerberos.error', 'recorded', 'KDC_ERR_PREAUTH_REQUIRED'],
      ['kerberos.error', 'recorded', 'KRB_ERR_RESPONSE_TOO_BIG'],
      ['kerberos.as', 'passed', 'krbtgt/SYSTEM.LAB'],
      ['kerberos.tgs', 'passed', 'cifs/wds.system.lab'],
      ['kerberos.error', 'recorded', 'KDC_ERR_BADOPTION'],
      ['kerberos.ap', 'passed', 'cifs/wds.system.lab'],
    ]);
    expect(client?.steps.find(({ step }) => step === 'smb.session-setup')).toMatchObject({
      verdict: 'passed',
      detail: { authentication: 'kerberos' },
    });
  });

  it('passes what curl and dnsmasq do, a missing file aside', async () => {
    const { linkType, frames } = await framesOf('tftp-curl-dnsmasq');
    const [client] = await judgeFrames([frames], { linkType, clients: [] });
    expect(client).toMatchObject({ name: 'client-1', verdict: 'passed' });
    expect(client?.steps.find(({ step }) => step === 'tftp.error')).toMatchObject({
      verdict: 'recorded',
      detail: { path: 'boot/x86/missing.com', code: 1 },
    });
    expect(client?.transfers.length).toBeGreaterThan(0);
  });

  it.each([
    'dhcp-dnsmasq',
    'http-curl-python',
    'smb-impacket-encrypted',
    'smb-impacket-header-and-tail',
    'smb-refused',
    'smb-refused-by-directory',
    'kerberos-smbclient',
    'kerberos-refusals',
    'kerberos-skew',
    'smb-smbclient-samba',
    'tftp-curl-dnsmasq',
  ])('gives the same result of %s in any batches, and from the bytes that the evidence keeps', async (name) => {
    const { linkType, frames } = await framesOf(name);
    const judge = createJudge({ linkType, clients: [] });
    const kept = frames.flatMap((frame) => [...judge.frames([frame])]);
    const result = judge.finish();
    expect(result.length).toBeGreaterThan(0);
    expect(kept.every((bytes, index) => bytes > 0 && bytes <= (frames[index]?.bytes.length ?? 0))).toBe(true);
    const trimmed = frames.map((frame, index) => ({ ...frame, bytes: frame.bytes.slice(0, kept[index]) }));
    expect(await judgeFrames([frames], { linkType, clients: [] })).toEqual(result);
    expect(await judgeFrames([trimmed], { linkType, clients: [] })).toEqual(result);
  });
});
