import { describe, expect, it } from 'vitest';
import {
  dhcp,
  figures,
  type Line,
  SERVER_IP,
  SERVER_MAC,
  tftpProbe,
  tftpRefused,
  tftpTransfer,
} from './testing/event-builders.ts';
import {
  DHCP_ONLY_BOOT,
  dhcpRound,
  GUEST_DHCP,
  IMAGE_PATH,
  IMAGE_READ,
  PROXY_BOOT,
  proxyOffer,
  proxyRound,
  PXELINUX_CHAIN,
  rpc,
  RPC_CONTROL,
  RPC_ENUMERATED,
  RPC_MAPPING,
  RPC_UNAUTHENTICATED,
  rpcFault,
  rpcLogon,
  smb,
  SMB_TREES,
  smbSession,
  WDS_INSTALL,
} from './testing/boot-scripts.ts';
import { expecting, judgeScript, planOf } from './testing/judge-script.ts';
import { service } from './testing/planned-services.ts';

const BOOTED: readonly Line[] = [...PROXY_BOOT, ...PXELINUX_CHAIN, ...GUEST_DHCP];
const REFUSED = { status: 0xc000006d, statusName: 'STATUS_LOGON_FAILURE' };
const notFound = (path: string): Line => [
  5,
  smb({
    type: 'smb.open',
    path,
    share: 'REMINST',
    fileId: '',
    directory: false,
    endOfFile: 0,
    requestFrame: 1,
    status: 0xc0000034,
    statusName: 'STATUS_OBJECT_NAME_NOT_FOUND',
  }),
];

describe('a boot that goes well', () => {
  it('passes a whole install in the order of its expectations, and is settled with the last of them', () => {
    const plan = planOf({
      expectations: expecting(
        ['proxydhcp.ack', { bootfile: 'boot/x86/WDSNBP.com' }],
        ['tftp.size-probe'],
        ['tftp.transfer', { path: 'boot\\x86\\wdsnbp.com', blksize: 1456 }],
        ['tftp.error', { path: { matches: 'pxelinux\\.cfg' } }],
        ['dhcp.ack'],
        ['ntlm.authenticate', { user: 'system\\Administrateur' }],
        ['smb.session-setup', { guest: false }],
        ['smb.tree-connect', { share: 'RemInst' }],
        ['image.header', { images: 1 }],
        ['image.transfer', { path: IMAGE_PATH }],
        ['boot.complete'],
      ),
    });
    const { client, settledBeforeEnd, failed } = judgeScript(WDS_INSTALL, plan);
    expect(failed).toEqual([]);
    expect(client.verdict).toBe('passed');
    expect(settledBeforeEnd).toBe(true);
    expect(client.ip).toBe('172.22.52.222');
    expect(client.phases).toMatchObject({ firmware: 3000, dhcp: 3003, proxy: 22.02, os: 3000 });
    expect(client.phaseSpans?.slice(0, 3)).toEqual([
      { phase: 'firmware', startMs: 0, durationMs: 3000 },
      { phase: 'dhcp', startMs: 3000, durationMs: 3003 },
      { phase: 'proxy', startMs: 6003, durationMs: 22.02 },
    ]);
    expect(Object.fromEntries((client.phaseSpans ?? []).map(({ phase, durationMs }) => [phase, durationMs]))).toEqual(
      client.phases,
    );
    expect(client.transfers.map(({ path }) => path)).toContain('boot/vmlinuz');
    expect(client.steps.at(-1)).toMatchObject({ step: 'boot.complete', detail: { phase: 'image' } });
  });

  it('learns a client and its firmware from the wire, and completes its boot', () => {
    const { client } = judgeScript(WDS_INSTALL);
    expect(client).toMatchObject({ name: 'client-1', firmware: 'bios', verdict: 'passed' });
    expect(client.steps.at(-1)?.step).toBe('boot.complete');
  });

  it('needs no boot server when DHCP names server and file', () => {
    const { client, settledBeforeEnd } = judgeScript(
      DHCP_ONLY_BOOT,
      planOf({
        expectations: expecting(
          ['dhcp.ack', { bootfile: 'pxelinux.0', nextServer: SERVER_IP }],
          ['tftp.transfer', { path: 'pxelinux.0' }],
        ),
      }),
    );
    expect(client.verdict).toBe('passed');
    expect(settledBeforeEnd).toBe(true);
    expect(client.phases).not.toHaveProperty('proxy');
  });

  it('needs no second question when the boot server’s offer has the file', () => {
    const script = [...dhcpRound({}, proxyOffer('pxelinux.0')), ...tftpTransfer('1', 'pxelinux.0', 42_000)];
    expect(
      judgeScript(
        script,
        planOf({ expectations: expecting(['proxydhcp.offer', { bootfile: 'pxelinux.0' }], ['tftp.transfer']) }),
      ).client.verdict,
    ).toBe('passed');
  });

  it('does not care which of two servers offers first', () => {
    const plan = planOf({
      expectations: expecting(['dhcp.discover'], ['proxydhcp.offer'], ['dhcp.offer'], ['tftp.transfer']),
    });
    expect(judgeScript(PROXY_BOOT, plan).client.verdict).toBe('passed');
  });

  it('holds the boot file of the port-4011 answer against the client, not the one of the DHCP server', () => {
    const script = [
      ...dhcpRound({ bootfile: 'other.0', siaddr: '172.22.52.9' }, proxyOffer()),
      ...proxyRound(),
      ...tftpTransfer('1', 'BOOT/x86/wdsnbp.com', 31_124),
    ];
    expect(judgeScript(script).failed).toEqual([]);
  });

  it('accepts a guest that asks for its old address and is refused', () => {
    const again: Line[] = [
      [3000, dhcp('dhcp.request', { xid: 9, vendorClass: 'udhcp 1.37.0', requested: '172.22.52.9' })],
      [1, dhcp('dhcp.nak', { xid: 9, server: '172.22.52.1', message: 'wrong network' })],
      ...GUEST_DHCP,
    ];
    const { client, named } = judgeScript([...PROXY_BOOT, ...again]);
    expect(client.verdict).toBe('passed');
    expect(named('dhcp.nak')[0]).toMatchObject({ verdict: 'recorded', detail: { message: 'wrong network' } });
  });

  it('counts an image whose open was never closed because the machine was switched off', () => {
    const read = IMAGE_READ.slice(0, -1);
    const unfinished: Line = [
      700,
      smb({
        type: 'smb.unfinished',
        reason: 'the capture ended',
        path: IMAGE_PATH,
        share: 'REMINST',
        fileId: 'b',
        figures: figures(64 * 1024 * 1024, 690),
        reads: 1024,
        endOfFile: 64 * 1024 * 1024,
      }),
    ];
    expect(
      judgeScript(
        [...BOOTED, ...smbSession(), ...SMB_TREES, ...read, unfinished],
        planOf({ expectations: expecting(['image.transfer']) }),
      ).client.verdict,
    ).toBe('passed');
  });
});

describe('a boot that goes wrong', () => {
  it('fails at the dhcp budget when no server answers', () => {
    const { client, settledBeforeEnd, failed } = judgeScript(
      [[3000, dhcp('dhcp.discover', { vendorClass: 'PXEClient', arch: 0 })]],
      planOf({ budgets: { dhcp: 8000 } }),
      8001,
    );
    expect(settledBeforeEnd).toBe(true);
    expect(failed[0]).toMatchObject({
      step: 'dhcp.offer',
      cause: 'dhcp-silent',
      durationMs: 8000,
      expected: 'an OFFER within 8000 ms',
      atMs: 3000,
    });
    expect(client.why).toContain('PXE-E51');
  });

  it('does not fail before the budget is over', () => {
    expect(
      judgeScript(
        [[3000, dhcp('dhcp.discover', { vendorClass: 'PXEClient', arch: 0 })]],
        planOf({ budgets: { dhcp: 8000 } }),
        7999,
      ).settledBeforeEnd,
    ).toBe(false);
  });

  it('passes a negative scenario by its first failure, and at once', () => {
    const plan = planOf({ expectFailure: { step: 'smb.session-setup', cause: 'wrong-password' } });
    const { client, settledBeforeEnd, failed } = judgeScript([...BOOTED, ...smbSession(REFUSED)], plan);
    expect(client.verdict).toBe('passed');
    expect(settledBeforeEnd).toBe(true);
    expect(failed[0]).toMatchObject({
      detail: { user: 'SYSTEM\\administrateur', status: 'STATUS_LOGON_FAILURE' },
      expected: 'the server lets SYSTEM\\administrateur in',
    });
  });

  it('fails a negative scenario whose failure has another cause, or does not come', () => {
    expect(
      judgeScript(
        [...BOOTED, ...smbSession(REFUSED)],
        planOf({ expectFailure: { step: 'smb.session-setup', cause: 'account-locked' } }),
      ).client.verdict,
    ).toBe('failed');
    const { client, failed } = judgeScript(
      WDS_INSTALL,
      planOf({ expectFailure: { step: 'dhcp.offer', cause: 'dhcp-silent' } }),
    );
    expect(client.verdict).toBe('failed');
    expect(failed[0]).toMatchObject({ step: 'dhcp.offer', cause: 'failure-missing' });
  });

  it('tells a wrong name from a wrong password where the plan knows the names', () => {
    const services = [service('smb', { accounts: [{ name: 'somebody', password: 'p' }] })];
    expect(
      judgeScript(
        [...BOOTED, ...smbSession(REFUSED)],
        planOf({ services, expectations: expecting(['image.transfer']) }),
      ).failed[0]?.cause,
    ).toBe('unknown-user');
  });

  it.each([
    [0xc0000234, 'STATUS_ACCOUNT_LOCKED_OUT', 'account-locked'],
    [0xc0000072, 'STATUS_ACCOUNT_DISABLED', 'account-disabled'],
    [0xc0000022, 'STATUS_ACCESS_DENIED', 'access-denied'],
  ])('names the cause of logon status %i (%s)', (status, statusName, cause) => {
    expect(judgeScript([...BOOTED, ...smbSession({ status, statusName })]).failed[0]).toMatchObject({
      step: 'smb.session-setup',
      cause,
    });
  });

  it('fails when the told boot file is not on the server', () => {
    const script = [...dhcpRound({ siaddr: SERVER_IP, bootfile: 'gone.0' }), ...tftpRefused('1', 'gone.0')];
    const { client, settledBeforeEnd, failed } = judgeScript(
      script,
      planOf({ expectFailure: { step: 'tftp.error', cause: 'boot-file-missing' } }),
    );
    expect(client.verdict).toBe('passed');
    expect(settledBeforeEnd).toBe(true);
    expect(failed[0]).toMatchObject({ actual: 'error 1 by the server: File not found' });
  });

  it('fails at once when a file that the scenario names is not on the server', () => {
    const script = [...PROXY_BOOT, ...tftpRefused('3', 'boot/vmlinuz')];
    expect(
      judgeScript(script, planOf({ expectations: expecting(['tftp.transfer', { path: 'boot/vmlinuz' }]) })),
    ).toMatchObject({ settledBeforeEnd: true, failed: [{ step: 'tftp.error', cause: 'boot-file-missing' }] });
  });

  it('fails when the image is not on the share', () => {
    const plan = planOf({ expectations: expecting(['image.transfer', { path: 'images/linux/SAMPLE.wim' }]) });
    const { settledBeforeEnd, failed } = judgeScript(
      [...BOOTED, ...smbSession(), ...SMB_TREES, notFound(IMAGE_PATH)],
      plan,
    );
    expect(failed).toMatchObject([
      { step: 'smb.open', cause: 'image-missing', actual: 'STATUS_OBJECT_NAME_NOT_FOUND' },
    ]);
    expect(settledBeforeEnd).toBe(true);
  });

  it('records a file that a client only looks for, and fails when it then gives up', () => {
    const probing = [...BOOTED, ...smbSession(), ...SMB_TREES, notFound('Images\\Linux\\unattend.xml')];
    expect(judgeScript([...probing, ...IMAGE_READ]).failed).toEqual([]);
    const { failed } = judgeScript([...probing, [100, smb({ type: 'tcp.closed' })]]);
    expect(failed).toMatchObject([
      { step: 'smb.open', cause: 'image-missing', actual: expect.stringContaining('closed the connection') as string },
    ]);
  });

  it('says that the image is missing when a client that looked at others asks for it last and is gone', () => {
    const looking = [...BOOTED, ...smbSession(), ...SMB_TREES, ...IMAGE_READ.slice(0, 5)];
    const missing = notFound('Images\\Linux\\withdrawn.wim');
    const plan = planOf({
      expectations: expecting(['smb.tree-connect']),
      expectFailure: { step: 'smb.open', cause: 'image-missing' },
    });
    expect(judgeScript([...looking, missing, [50, smb({ type: 'tcp.closed' })]], plan)).toMatchObject({
      settledBeforeEnd: true,
      client: { verdict: 'passed' },
    });
    expect(judgeScript([...looking, missing], plan).client.verdict).toBe('passed');
    expect(judgeScript([...looking, missing, ...IMAGE_READ.slice(5)], plan).client.verdict).toBe('failed');
  });

  it('names a share that does not exist', () => {
    const script: Line[] = [
      ...BOOTED,
      ...smbSession(),
      ...SMB_TREES.slice(0, -1),
      [
        1,
        smb({
          type: 'smb.tree-connect-response',
          path: `\\\\${SERVER_IP}\\REMINST`,
          shareType: 0,
          requestFrame: 1,
          status: 0xc00000cc,
          statusName: 'STATUS_BAD_NETWORK_NAME',
        }),
      ],
    ];
    expect(judgeScript(script).failed[0]).toMatchObject({
      step: 'smb.tree-connect',
      cause: 'share-missing',
      detail: { share: 'REMINST' },
    });
  });

  it('says that the file server does not accept connections', () => {
    const silent = judgeScript(
      [...BOOTED, [10, smb({ type: 'tcp.syn', repeated: false })]],
      planOf({ expectations: expecting(['image.transfer']) }),
      16_000,
    );
    expect(silent.failed[0]).toMatchObject({
      step: 'tcp.connect',
      cause: 'smb-unreachable',
      actual: 'no answer to SYN',
    });
    const refused = judgeScript([
      ...BOOTED,
      [10, smb({ type: 'tcp.syn', repeated: false })],
      [1, smb({ type: 'tcp.reset', by: 'server' })],
    ]);
    expect(refused.failed[0]).toMatchObject({
      step: 'tcp.connect',
      cause: 'smb-unreachable',
      actual: 'it answers with RST',
    });
  });

  it('guesses a missing driver when the network stays silent after the kernel', () => {
    const { failed } = judgeScript(
      [...PROXY_BOOT, ...PXELINUX_CHAIN],
      planOf({ budgets: { os: 30_000 }, expectations: expecting(['image.transfer']) }),
      30_001,
    );
    expect(failed[0]).toMatchObject({ step: 'dhcp.discover', cause: 'guest-no-network' });
  });

  it('says that no server named a boot file', () => {
    expect(judgeScript(dhcpRound(), planOf({ budgets: { nbp: 2000 } }), 2001).failed[0]).toMatchObject({
      step: 'tftp.read-request',
      cause: 'no-boot-file',
    });
  });

  it('says that the client ignores the boot file it was told', () => {
    expect(
      judgeScript(dhcpRound({ siaddr: SERVER_IP, bootfile: 'a.0' }), planOf({ budgets: { nbp: 2000 } }), 2001)
        .failed[0],
    ).toMatchObject({
      cause: 'boot-file-never-asked-for',
      expected: expect.stringContaining('“a.0” (dhcp.ack in frame 5)') as string,
    });
  });

  it('says that the client asks for another file, or another server', () => {
    const other = judgeScript([
      ...dhcpRound({ siaddr: SERVER_IP, bootfile: 'a.0' }),
      ...tftpTransfer('1', 'b.0', 1000),
    ]);
    expect(other.failed[0]).toMatchObject({ step: 'tftp.read-request', cause: 'wrong-boot-file' });
    const elsewhere = judgeScript([
      ...dhcpRound({ siaddr: '172.22.52.9', bootfile: 'a.0' }),
      ...tftpTransfer('1', 'a.0', 1000),
    ]);
    expect(elsewhere.failed[0]).toMatchObject({ step: 'tftp.read-request', cause: 'wrong-boot-server' });
  });

  it('says that the boot server is silent, answers without a file, or from another port', () => {
    const asked = proxyRound().slice(0, -1);
    expect(judgeScript([...dhcpRound({}, proxyOffer()), ...asked], planOf({}), 10_001).failed[0]).toMatchObject({
      step: 'proxydhcp.ack',
      cause: 'proxydhcp-silent',
    });
    expect(judgeScript([...dhcpRound({}, proxyOffer()), ...proxyRound('')]).failed[0]).toMatchObject({
      step: 'proxydhcp.ack',
      cause: 'proxydhcp-no-boot-file',
    });
    const wrongPort: Line = [
      1,
      dhcp('proxydhcp.ack', { server: SERVER_IP, bootfile: 'a.0', vendorClass: 'PXEClient' }, { fromPort: 67 }),
    ];
    expect(judgeScript([...dhcpRound({}, proxyOffer()), ...asked, wrongPort]).failed[0]).toMatchObject({
      step: 'proxydhcp.ack',
      cause: 'proxydhcp-wrong-port',
      actual: 'from port 67',
    });
  });

  it('says that a budget was exceeded, with both numbers', () => {
    const { failed } = judgeScript(
      DHCP_ONLY_BOOT,
      planOf({ budgets: { nbp: 20 }, expectations: expecting(['tftp.transfer']) }),
    );
    expect(failed[0]).toMatchObject({
      step: 'boot.phase',
      cause: 'budget-exceeded',
      detail: { phase: 'nbp', budgetMs: 20 },
      actual: 'not over after 20 ms, it took 29 ms',
    });
  });

  it('says how far a client came when its machine ended, or its time was over', () => {
    const plan = planOf({
      expectations: expecting(['tftp.transfer', { path: 'pxelinux.0' }], ['smb.negotiate'], ['image.transfer']),
    });
    const script = judgeScript(DHCP_ONLY_BOOT, { ...plan, timeoutMs: 20_000 }, 30_000);
    expect(script.client.steps.filter(({ step }) => /^(smb|image)/.test(step))).toMatchObject([
      {
        step: 'smb.negotiate',
        verdict: 'failed',
        expected: 'smb.negotiate (scenario.yaml:11:3)',
        actual: expect.stringContaining('tftp.transfer “pxelinux.0”') as string,
      },
      { step: 'image.transfer', verdict: 'skipped' },
    ]);
    expect(script.settledBeforeEnd).toBe(true);
  });

  it('names the field that differs', () => {
    const { failed } = judgeScript(
      DHCP_ONLY_BOOT,
      planOf({ expectations: expecting(['tftp.transfer', { path: 'pxelinux.0', blksize: 1432 }]) }),
    );
    expect(failed[0]).toMatchObject({
      step: 'tftp.transfer',
      cause: 'different-detail',
      expected: expect.stringContaining('blksize 1432') as string,
      actual: expect.stringMatching(/^blksize 1456 \(frame \d+\)$/) as string,
    });
  });

  it('allows nothing else when the scenario is strict, but for the chores of any conversation', () => {
    const round = [['dhcp.discover'], ['dhcp.offer'], ['dhcp.request'], ['dhcp.ack']] as const;
    const load = [['tftp.read-request'], ['tftp.option-ack'], ['tftp.transfer']] as const;
    expect(
      judgeScript(DHCP_ONLY_BOOT, planOf({ strict: true, expectations: expecting(...round, ...load) })).failed,
    ).toEqual([]);
    expect(
      judgeScript(DHCP_ONLY_BOOT, planOf({ strict: true, expectations: expecting(...round, ['tftp.transfer']) }))
        .failed[0],
    ).toMatchObject({ step: 'tftp.read-request', cause: 'unexpected-step' });
  });

  it('fails what servers get wrong even when no scenario is given', () => {
    const enlarged = tftpTransfer('1', 'pxelinux.0', 42_000).map(
      ([after, body]): Line => [
        after,
        body.type === 'tftp.option-ack' ? { ...body, options: [{ name: 'blksize', value: '8192' }] } : body,
      ],
    );
    expect(
      judgeScript([...dhcpRound({ siaddr: SERVER_IP, bootfile: 'pxelinux.0' }), ...enlarged]).failed[0],
    ).toMatchObject({ step: 'tftp.option-ack', cause: 'tftp-illegal-option-ack', expected: 'blksize of 8 to 1456' });
    const short = tftpTransfer('1', 'pxelinux.0', 42_000).map(
      ([after, body]): Line => [
        after,
        body.type === 'tftp.complete' ? { ...body, figures: figures(41_000, 22) } : body,
      ],
    );
    expect(
      judgeScript([...dhcpRound({ siaddr: SERVER_IP, bootfile: 'pxelinux.0' }), ...short]).failed[0],
    ).toMatchObject({ step: 'tftp.transfer', cause: 'transfer-size-mismatch' });
    const nak: Line = [1, dhcp('dhcp.nak', { server: '172.22.52.1', message: 'no' })];
    expect(judgeScript([...dhcpRound().slice(0, -1), nak]).failed[0]).toMatchObject({
      step: 'dhcp.nak',
      cause: 'dhcp-nak',
      detail: { message: 'no' },
    });
  });

  it('takes a size probe for what it is only when a size was asked for', () => {
    const probe = tftpProbe('1', 'pxelinux.0', 42_000);
    expect(
      judgeScript([...dhcpRound({ siaddr: SERVER_IP, bootfile: 'pxelinux.0' }), ...probe]).named('tftp.size-probe')[0],
    ).toMatchObject({ verdict: 'passed', detail: { tsize: 42_000 } });
    const sizeless = probe.map(
      ([after, body]): Line => [
        after,
        'options' in body ? { ...body, options: [{ name: 'blksize', value: '1456' }] } : body,
      ],
    );
    expect(
      judgeScript([...dhcpRound({ siaddr: SERVER_IP, bootfile: 'pxelinux.0' }), ...sizeless]).failed[0],
    ).toMatchObject({ step: 'tftp.error', cause: 'tftp-options-refused' });
  });
});

describe('the control channel', () => {
  const booted = [...BOOTED];
  const users = planOf({
    services: [service('smb', { accounts: [{ name: 'administrateur', password: 'p' }] })],
    expectations: expecting(['wds.reply', { operation: 'IMG_ENUMERATE' }]),
  });
  const logon = (passwordFits?: boolean): Line[] => [
    ...booted,
    ...RPC_MAPPING,
    ...RPC_UNAUTHENTICATED,
    ...rpcLogon(passwordFits),
  ];

  it('passes, and its authentication ends with the first answered request of the logon', () => {
    const { client, failed } = judgeScript([...booted, ...RPC_CONTROL], users);
    expect(failed).toEqual([]);
    expect(client.verdict).toBe('passed');
    // Alter-context, challenge, AUTH3, request, reply: 1 + 1 + 1 + 2 ms.
    expect(client.phases['authentication']).toBeCloseTo(5, 5);
  });

  it('says that it cannot be reached', () => {
    const silent = judgeScript(
      [...booted, ...RPC_MAPPING, [10, rpc(5040, { type: 'tcp.syn', repeated: false })]],
      users,
      16_000,
    );
    expect(silent.failed[0]).toMatchObject({
      step: 'tcp.connect',
      cause: 'control-service-unreachable',
      detail: { port: 5040 },
    });
    const refused = judgeScript(
      [
        ...booted,
        [10, rpc(135, { type: 'tcp.syn', repeated: false })],
        [1, rpc(135, { type: 'tcp.reset', by: 'server' })],
      ],
      users,
    );
    expect(refused.failed[0]).toMatchObject({
      step: 'tcp.connect',
      cause: 'control-service-unreachable',
      detail: { port: 135 },
    });
  });

  it('says that nobody ever asked it', () => {
    expect(judgeScript([...booted, ...smbSession(), ...SMB_TREES], users).failed[0]).toMatchObject({
      step: 'wds.reply',
      cause: 'control-service-never-asked',
    });
  });

  it('tells a wrong password, an unknown user, and a user who may not', () => {
    const fault = (passwordFits: boolean | undefined, plan = users) =>
      judgeScript([...logon(passwordFits), ...rpcFault(5)], plan).failed[0];
    expect(fault(false)).toMatchObject({
      step: 'rpc.fault',
      cause: 'wrong-password',
      actual: 'fault ERROR_ACCESS_DENIED',
      expected: 'a response to IMG_ENUMERATE of SYSTEM\\administrateur',
    });
    expect(fault(true)).toMatchObject({ step: 'rpc.fault', cause: 'rpc-access-denied' });
    expect(fault(undefined)).toMatchObject({ cause: 'rpc-access-denied' });
    expect(
      fault(undefined, {
        ...users,
        services: [service('smb', { accounts: [{ name: 'root', password: 'p' }] })],
      }),
    ).toMatchObject({ cause: 'unknown-user' });
  });

  it.each([
    [0x1c01_0003, 'rpc-interface-unknown', 'nca_s_unk_if'],
    [0x1c01_0002, 'rpc-operation-unknown', 'nca_s_op_rng_error'],
    [0x6f7, 'rpc-stub-malformed', 'RPC_X_BAD_STUB_DATA'],
    [0x1c01_000b, 'rpc-protocol-breach', 'nca_s_proto_error'],
    [0x1234, 'rpc-refused', '0x00001234'],
  ])('names fault 0x%s: %s', (status, cause, name) => {
    expect(judgeScript([...logon(), ...rpcFault(status)], users).failed[0]).toMatchObject({
      step: 'rpc.fault',
      cause,
      detail: { status: name, operation: 'IMG_ENUMERATE' },
    });
  });

  it.each([
    [{ messageType: 1, message: 'no disk' }, 'it reports error: no disk'],
    [{ messageType: 12 }, 'it reports domain-join-error'],
    [{ messageType: 17 }, 'it reports domain-join-error-2'],
  ])('fails with the client that reports an error: %o', (values, actual) => {
    const report = RPC_UNAUTHENTICATED.map(
      ([afterMs, body]): Line => [
        afterMs,
        body.type === 'wds.request' ? { ...body, operation: 'LOG_MSG', opcode: 4, values } : body,
      ],
    );
    expect(judgeScript([...booted, ...RPC_MAPPING, ...report], users).failed[0]).toMatchObject({
      step: 'wds.request',
      cause: 'client-reported-error',
      expected: 'the client reports progress',
      actual,
    });
  });

  it('does not mind a client that reports progress, a missing driver, or asks something else with such a variable', () => {
    for (const change of [
      { operation: 'LOG_MSG', values: { messageType: 18 } },
      { operation: 'LOG_MSG', values: { messageType: 6 } },
      { operation: 'LOG_INIT', values: { messageType: 1 } },
    ]) {
      const script = RPC_UNAUTHENTICATED.map(
        ([afterMs, body]): Line => [afterMs, body.type === 'wds.request' ? { ...body, ...change } : body],
      );
      expect(
        judgeScript([...booted, ...RPC_MAPPING, ...script, ...rpcLogon(true), ...RPC_ENUMERATED], users).failed,
      ).toEqual([]);
    }
  });

  it('names an interface that is not there, of the mapper and of the port, and a refused association', () => {
    const changed = (script: readonly Line[], type: string, change: object): Line[] =>
      script.map(([afterMs, body]) => [afterMs, body.type === type ? { ...body, ...change } : body]);
    expect(
      judgeScript([...booted, ...changed(RPC_MAPPING, 'rpc.endpoint-map', { status: 0x16c9_a0d6, port: 0 })], users)
        .failed[0],
    ).toMatchObject({ step: 'rpc.endpoint-map', cause: 'rpc-endpoint-unknown' });
    expect(
      judgeScript([...booted, ...changed(RPC_UNAUTHENTICATED, 'rpc.bind-answer', { result: 2, reason: 1 })], users)
        .failed[0],
    ).toMatchObject({ step: 'rpc.bind', cause: 'rpc-interface-unknown', actual: 'result 2, reason 1' });
    expect(
      judgeScript(
        [
          ...booted,
          ...changed(RPC_UNAUTHENTICATED, 'rpc.bind-answer', { result: 2, reason: 4, refusedAssociation: true }),
        ],
        users,
      ).failed[0],
    ).toMatchObject({ step: 'rpc.bind', cause: 'rpc-bind-refused', actual: 'BIND_NAK, reason 4' });
    expect(
      judgeScript(
        [
          ...booted,
          ...changed(RPC_UNAUTHENTICATED, 'rpc.bind-answer', { result: 2, reason: 9, refusedAssociation: true }),
        ],
        users,
      ).failed[0],
    ).toMatchObject({ cause: 'rpc-access-denied' });
  });

  it('fails an operation that the service refuses, and an answer that never comes', () => {
    const error = RPC_ENUMERATED.map(
      ([afterMs, body]): Line => [afterMs, { ...body, errorCode: 0xc103 } as typeof body],
    );
    expect(judgeScript([...logon(true), ...error], users).failed[0]).toMatchObject({
      step: 'wds.error',
      cause: 'wds-refused',
      actual: 'error 49411',
      detail: { operation: 'IMG_ENUMERATE' },
    });
    expect(judgeScript(logon(true), users, 31_000).failed[0]).toMatchObject({ step: 'wds.reply', cause: 'rpc-silent' });
    expect(
      judgeScript([...logon(true), [1, rpc(5040, { type: 'tcp.reset', by: 'server' })]], users).failed[0],
    ).toMatchObject({ step: 'wds.reply', cause: 'rpc-connection-lost' });
    expect(judgeScript(logon(true).slice(0, -7), users, 0).failed[0]).toMatchObject({
      step: 'wds.reply',
      cause: 'capture-ended',
    });
  });

  it('takes IPsec proposals for what any Windows does, also where the scenario is strict', () => {
    const isakmp: Line = [
      1,
      {
        type: 'isakmp.message',
        exchange: 'AuthIP main mode',
        by: 'client',
        server: { mac: SERVER_MAC, ip: SERVER_IP, port: 500 },
      },
    ];
    const { failed, named } = judgeScript(
      [...DHCP_ONLY_BOOT, isakmp],
      planOf({
        strict: true,
        expectations: expecting(
          ['dhcp.discover'],
          ['dhcp.offer'],
          ['dhcp.request'],
          ['dhcp.ack'],
          ['tftp.read-request'],
          ['tftp.option-ack'],
          ['tftp.transfer'],
          ['boot.complete'],
        ),
      }),
    );
    expect(failed).toEqual([]);
    expect(named('isakmp.message')).toHaveLength(1);
  });
});

describe('what a changed capture showed', () => {
  const changed = (script: readonly Line[], type: string, change: (body: object) => object): Line[] =>
    script.map(([afterMs, body]) => [afterMs, body.type === type ? (change(body) as typeof body) : body]);

  it('an image of which one half was read twice is not whole', () => {
    const script = changed(IMAGE_READ, 'smb.close', (close) => ({ ...close, distinctBytes: 32 * 1024 * 1024 }));
    const { client } = judgeScript(
      [...BOOTED, ...smbSession(), ...SMB_TREES, ...script],
      planOf({ expectations: expecting(['image.transfer']) }),
    );
    expect(client.verdict).toBe('failed');
    expect(client.steps.find(({ step }) => step === 'image.transfer')).toMatchObject({
      verdict: 'recorded',
      detail: { whole: false, distinctBytes: 32 * 1024 * 1024 },
    });
  });

  it('a boot server’s offer in a transaction that the client never began fails', () => {
    const { failed } = judgeScript(
      [
        ...dhcpRound({}, [
          [1, dhcp('proxydhcp.offer', { xid: 9, server: SERVER_IP, siaddr: SERVER_IP, vendorClass: 'PXEClient' })],
        ]),
      ],
      planOf({ expectations: expecting(['proxydhcp.offer']) }),
    );
    expect(failed[0]).toMatchObject({ step: 'proxydhcp.offer', cause: 'dhcp-wrong-transaction' });
  });

  it('a question on port 4011 whose option 54 names another server fails, a second boot file name and who asks by ARP are told', () => {
    const round = proxyRound();
    const ask = round.map(
      ([afterMs, body]): Line => [
        afterMs,
        body.type === 'proxydhcp.request'
          ? dhcp('proxydhcp.request', { server: '172.22.52.9' }, { from: '172.22.52.222', to: SERVER_IP, toPort: 4011 })
          : body,
      ],
    );
    expect(judgeScript([...dhcpRound({}, proxyOffer()), ...ask]).failed[0]).toMatchObject({
      step: 'proxydhcp.request',
      cause: 'proxydhcp-wrong-server',
      actual: '172.22.52.9',
    });
    const twoNames: Line = [
      1,
      dhcp(
        'proxydhcp.ack',
        { server: SERVER_IP, siaddr: SERVER_IP, bootfile: 'a.0', file: 'b.0', vendorClass: 'PXEClient' },
        { fromPort: 4011 },
      ),
    ];
    expect(
      judgeScript([...dhcpRound({}, proxyOffer()), ...round.slice(0, -1), twoNames]).named('proxydhcp.ack')[0],
    ).toMatchObject({ detail: { bootfile: 'a.0', otherFile: 'b.0' } });
    const asked: Line[] = [
      [
        1,
        {
          type: 'arp.request',
          senderMac: SERVER_MAC,
          senderIp: SERVER_IP,
          targetIp: '172.22.52.222',
          gratuitous: false,
        },
      ],
      [
        1,
        {
          type: 'arp.reply',
          senderMac: '52:54:00:12:34:56',
          senderIp: '172.22.52.222',
          targetIp: SERVER_IP,
          gratuitous: false,
        },
      ],
    ];
    expect(judgeScript(asked).named('arp.resolve')[0]).toMatchObject({ detail: { asker: SERVER_MAC } });
  });

  it('records the last acknowledgement that came twice, what does not fit, and what TCP repaired', () => {
    const transfer = tftpTransfer('9', 'pxelinux.0', 42_000);
    const [, last] = transfer.at(-1) ?? [];
    const again: Line = [
      1,
      { ...last, type: 'tftp.retransmission', block: 29, by: 'client' } as NonNullable<typeof last>,
    ];
    const { client } = judgeScript([
      ...transfer,
      again,
      ...smbSession(),
      [1, smb({ type: 'smb.anomaly', reason: 'create on tree 9' })],
      [1, smb({ type: 'tcp.disorder', repeated: 2, late: 1 })],
    ]);
    const recorded = client.steps.filter(({ verdict }) => verdict === 'recorded');
    expect(recorded).toMatchObject([
      { step: 'tftp.retransmission', detail: { path: 'pxelinux.0', block: 29, by: 'client' } },
      { step: 'smb.anomaly', detail: { reason: 'create on tree 9' } },
      { step: 'tcp.disorder', detail: { repeated: 2, late: 1 } },
    ]);
  });
});
