import { expect, it } from 'vitest';
import { CLIENT, SERVER } from '../observe/testing/scene.ts';
import { answer, ask, STATUS } from '../protocols/smb/testing/scene.ts';
import { wimBytes } from '../protocols/wim/testing/bytes.ts';
import { boot, IMAGE_PATH } from './testing/boot-story.ts';
import { expecting, judge, planOf } from './testing/judge-story.ts';

// Found by changing good captures in one frame (decision 030): each of these passed once.

it('an image of which one half was read twice is not whole', () => {
  const image = wimBytes(400_000);
  const story = boot()
    .booted()
    .mounted()
    .imageLooked(IMAGE_PATH, image)
    .also(({ smb }) => smb.opens(IMAGE_PATH, image).reads(0, 200_000).reads(0, 200_000).closes());
  const { client } = judge(story, planOf({ expectations: expecting(['image.transfer']) }));
  expect(client.verdict).toBe('failed');
  expect(client.steps.find(({ step }) => step === 'image.transfer')).toMatchObject({
    verdict: 'recorded',
    detail: { whole: false, distinctBytes: 204_096 },
  });
});

it('a boot server’s offer in a transaction that the client never began fails', () => {
  const { failed } = judge(boot().pxeRound({ xid: 9 }), planOf({ expectations: expecting(['proxydhcp.offer']) }));
  expect(failed[0]).toMatchObject({ step: 'proxydhcp.offer', cause: 'dhcp-wrong-transaction' });
});

it('a question on port 4011 whose option 54 names another server fails', () => {
  expect(judge(boot().pxeRound().proxyQuestion({ server: '172.22.52.9' })).failed[0]).toMatchObject({
    step: 'proxydhcp.request',
    cause: 'proxydhcp-wrong-server',
    actual: '172.22.52.9',
  });
});

it('a second boot file name in an offer is told', () => {
  const { named } = judge(boot().dhcpRound({ bootfile: 'a.0', file: 'b.0' }));
  for (const step of ['dhcp.offer', 'dhcp.ack'])
    expect(named(step)[0]).toMatchObject({ detail: { bootfile: 'a.0', otherFile: 'b.0' } });
});

it('a second boot file name is told, and who asks by ARP', () => {
  const story = boot()
    .pxeRound()
    .proxyQuestion()
    .also(({ dhcp }) => dhcp.bootServerAnswer({ bootfile: 'a.0', file: 'b.0' }))
    .also(({ link }) => link.arp(1, SERVER, { ip: CLIENT.ip }).arp(2, CLIENT, SERVER));
  const { named } = judge(story);
  expect(named('proxydhcp.ack')[0]).toMatchObject({ detail: { bootfile: 'a.0', otherFile: 'b.0' } });
  expect(named('arp.resolve')[1]).toMatchObject({ detail: { asker: SERVER.mac } });
});

it('records the last acknowledgement that came twice, what does not fit, and what TCP repaired', () => {
  const story = boot()
    .dhcpBoot()
    .also(({ tftp }) => tftp.ack(29))
    .mounted();
  const elsewhere = { treeId: 9, status: STATUS.shareUnknown };
  story.smb
    .exchange(
      { ...ask.create('notes.txt'), options: elsewhere },
      { ...answer.refused('create', 0), options: elsewhere },
    )
    .again();
  const recorded = judge(story).client.steps.filter(({ verdict }) => verdict === 'recorded');
  expect(recorded).toMatchObject([
    { step: 'tftp.retransmission', detail: { path: 'pxelinux.0', block: 29, by: 'client' } },
    {
      step: 'smb.anomaly',
      detail: { kind: 'unknown-tree', command: 'create' },
      why: expect.stringContaining('create on tree 9, expected a tree that the server connected') as string,
    },
    { step: 'smb.error', detail: { path: 'notes.txt' } },
    { step: 'tcp.disorder', detail: { repeated: 1, late: 0 } },
  ]);
});
