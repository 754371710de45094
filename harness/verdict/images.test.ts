import { describe, expect, it } from 'vitest';
import { GUEST_DHCP, PROXY_BOOT, PXELINUX_CHAIN, smb, SMB_TREES, smbSession } from './testing/boot-scripts.ts';
import { figures, type Line } from './testing/event-builders.ts';
import { expecting, judgeScript, planOf } from './testing/judge-script.ts';

const OK = { status: 0, statusName: 'STATUS_SUCCESS' };
const BOOTED: readonly Line[] = [...PROXY_BOOT, ...PXELINUX_CHAIN, ...GUEST_DHCP, ...smbSession(), ...SMB_TREES];
const IMAGE = 'Images\\Linux 2012\\base.wim';
const SHARED = 'Images\\Linux 2012\\Res.rwm';

interface Facts {
  readonly path: string;
  readonly endOfFile: number;
  readonly header?: object;
  readonly images?: readonly object[];
}

/** A file is opened, its header and list are read. */
function looked({ path, endOfFile, header = {}, images = [{ index: 1, name: 'one', totalBytes: 1 }] }: Facts): Line[] {
  const whole = {
    imageCount: images.length,
    bootIndex: 0,
    partNumber: 1,
    totalParts: 1,
    compressed: false,
    treesOnly: false,
    xmlOffset: endOfFile - 1000,
    xmlSize: 1000,
    endOfFile,
    firstFrame: 1,
    bytes: 4096,
  };
  return [
    [
      5,
      smb({
        type: 'smb.open',
        path,
        share: 'REMINST',
        fileId: path,
        directory: false,
        endOfFile,
        requestFrame: 1,
        ...OK,
      }),
    ],
    [1, smb({ type: 'smb.first-read', path, share: 'REMINST', fileId: path, offset: 0, length: 4096 })],
    [1, smb({ type: 'wim.header', path, fileId: path, ...whole, ...header })],
    [1, smb({ type: 'wim.tail', path, fileId: path, offset: endOfFile - 4096, bytes: 4096, images, firstFrame: 1 })],
  ];
}
const close = (path: string, endOfFile: number, bytes: number): Line => [
  700,
  smb({
    type: 'smb.close',
    path,
    share: 'REMINST',
    fileId: path,
    figures: figures(bytes, 690),
    reads: 10,
    distinctBytes: bytes,
    endOfFile,
    requestFrame: 1,
    ...OK,
  }),
];
const group = {
  image: { path: IMAGE, endOfFile: 9724, header: { totalParts: 2, treesOnly: true } },
  shared: { path: SHARED, endOfFile: 50e6, header: { partNumber: 2, totalParts: 2 }, images: [] },
};
const setRead = (sharedBytes: number): Line => [
  0,
  smb({
    type: 'wim.set-read',
    path: IMAGE,
    fileId: IMAGE,
    sharedPath: SHARED,
    ownBytes: 9724,
    sharedBytes,
    neededBytes: 30e6,
  }),
];
const plan = (path: string) => planOf({ expectations: expecting(['image.transfer', { path }]) });

describe('an image of a group', () => {
  it('is transferred when all that it needs of Res.rwm was read, and both numbers are told', () => {
    const { client, named } = judgeScript(
      [
        ...BOOTED,
        ...looked(group.image),
        ...looked(group.shared),
        close(SHARED, 50e6, 31e6),
        setRead(30e6),
        close(IMAGE, 9724, 9724),
      ],
      plan(IMAGE),
    );
    expect(client.verdict).toBe('passed');
    expect(named('image.transfer')).toMatchObject([
      { verdict: 'passed', detail: { path: SHARED, whole: false, distinctBytes: 31e6 } },
      {
        verdict: 'passed',
        detail: { path: IMAGE, ownBytes: 9724, sharedBytes: 30e6, bytes: 30e6 + 9724, sharedPath: SHARED, whole: true },
      },
    ]);
  });

  it('is not transferred by reading its own file whole', () => {
    const { client, named } = judgeScript([...BOOTED, ...looked(group.image), close(IMAGE, 9724, 9724)], plan(IMAGE));
    expect(client.verdict).toBe('failed');
    expect(named('image.transfer').filter(({ verdict }) => verdict === 'passed')).toEqual([]);
  });

  it('is not transferred by a part of its data', () => {
    const { client, failed, named } = judgeScript(
      [...BOOTED, ...looked(group.image), ...looked(group.shared), close(SHARED, 50e6, 20e6), setRead(19e6)],
      plan(IMAGE),
    );
    expect(client.verdict).toBe('failed');
    expect(named('image.transfer')[1]).toMatchObject({
      verdict: 'recorded',
      detail: { path: IMAGE, sharedBytes: 19e6, whole: false },
      why: expect.stringContaining('19000000 of the 30000000 bytes') as string,
    });
    expect(failed[0]).toMatchObject({ step: 'image.transfer', cause: 'transfer-stalled' });
  });
});

describe('an image that is not what it says', () => {
  const SAMPLE = 'Images\\Linux\\sample.wim';

  it('was cut short: its list lies behind its end', () => {
    const { failed } = judgeScript(
      [...BOOTED, ...looked({ path: SAMPLE, endOfFile: 30e6, header: { xmlOffset: 50e6 } })],
      plan(SAMPLE),
    );
    expect(failed[0]).toMatchObject({
      step: 'image.header',
      cause: 'image-truncated',
      actual: expect.stringContaining('the file was cut short') as string,
    });
  });

  it('is too short for a header', () => {
    const damaged: Line = [
      1,
      smb({ type: 'wim.damaged', path: SAMPLE, fileId: 'a', reason: 'the file has 100 bytes', truncated: true }),
    ];
    expect(judgeScript([...BOOTED, damaged], plan(SAMPLE)).failed[0]).toMatchObject({
      step: 'image.header',
      cause: 'image-truncated',
    });
  });

  it('became shorter while it was read', () => {
    const refused = (offset: number): Line => [
      1,
      smb({
        type: 'smb.read-refused',
        path: SAMPLE,
        share: 'REMINST',
        fileId: SAMPLE,
        offset,
        length: 65_536,
        endOfFile: 50e6,
        status: 0xc0000011,
        statusName: 'STATUS_END_OF_FILE',
      }),
    ];
    expect(
      judgeScript([...BOOTED, ...looked({ path: SAMPLE, endOfFile: 50e6 }), refused(20e6)], plan(SAMPLE)).failed[0],
    ).toMatchObject({
      step: 'smb.error',
      cause: 'image-truncated',
      expected: expect.stringContaining('of the 50000000 that the file had when it was opened') as string,
    });
    expect(
      judgeScript([...BOOTED, ...looked({ path: SAMPLE, endOfFile: 50e6 }), refused(50e6)], plan(SAMPLE)).named(
        'smb.error',
      )[0],
    ).toMatchObject({ verdict: 'recorded' });
  });

  it('is for another processor than the client’s firmware says', () => {
    const { failed } = judgeScript(
      [
        ...BOOTED,
        ...looked({
          path: SAMPLE,
          endOfFile: 50e6,
          images: [{ index: 1, name: 'one', totalBytes: 1, architecture: 12 }],
        }),
      ],
      plan(SAMPLE),
    );
    expect(failed[0]).toMatchObject({
      step: 'image.tail',
      cause: 'image-wrong-architecture',
      detail: { architecture: 'arm64' },
    });
  });
});
