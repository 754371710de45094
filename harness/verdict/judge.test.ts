import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { openCaptureFile } from '../tcpdump-wrapper/src/index.ts';
import type { Frame } from '../wire/frame.ts';
import { createJudge } from './judge.ts';
import { judgeFrames } from './judge-frames.ts';

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
      { step: 'smb.session-setup', cause: 'wrong-password', detail: { user: 'SYSTEM\\root', status: 'STATUS_LOGON_FAILURE' } },
      { step: 'smb.tree-connect', cause: 'share-missing', detail: { share: 'Nope' } },
    ]);
  });

  it('passes what curl and dnsmasq do, a missing file aside', async () => {
    const { linkType, frames } = await framesOf('tftp-curl-dnsmasq');
    const [client] = await judgeFrames([frames], { linkType, clients: [] });
    expect(client).toMatchObject({ name: 'client-1', verdict: 'passed' });
    expect(client?.steps.find(({ step }) => step === 'tftp.error')).toMatchObject({ verdict: 'recorded', detail: { path: 'boot/x86/missing.com', code: 1 } });
    expect(client?.transfers.length).toBeGreaterThan(0);
  });

  it.each(['dhcp-dnsmasq', 'http-curl-python', 'smb-impacket-encrypted', 'smb-impacket-header-and-tail', 'smb-refused', 'smb-smbclient-samba', 'tftp-curl-dnsmasq'])('gives the same result of %s in any batches, and from the bytes that the evidence keeps', async (name) => {
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
