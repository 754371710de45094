import { execa } from 'execa';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RPC_SYNTAXES } from '../../harness/protocols/rpc/wire/codec.ts';
import { encodeEptMapRequest, encodeEptMapResponse } from '../../harness/protocols/rpc/wire/endpoint-mapper.ts';
import { compileWdsctl } from '../../vm-images/recipes/wdsctl.ts';
import { startControlLab, type ControlLab } from './testing/control-lab.ts';

// impacket and Samba's client talk to the service: both implement DCE/RPC, NTLM and SPNEGO for themselves.

const PYTHON = '/usr/bin/python3';
const TESTING = path.join(import.meta.dirname, 'testing');
const MAC = '00:11:11:80:d2:92';
const UUID = '4c4c4544-0042-3510-8050-b4c04f383432';
const SEEN = '2026-11-24T12:00:00.000Z';

type Result = Readonly<Record<string, unknown>> | unknown[] | string | number | boolean;

let work: string;
let lab: ControlLab;
let results: Readonly<Record<string, Result>>;

beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-control-'));
  const at = (name: string): string => path.join(work, name);
  for (const folder of [
    'root/Images/Linux',
    'root/WdsClientUnattend',
    'root/DriverPackages/rtl8139',
    'root/DriverPackages/e1000',
    'state',
    'files',
  ])
    await mkdir(at(folder), { recursive: true });
  await writeFile(at('files/hello'), 'hello');
  for (const name of ['one', 'hidden'])
    await execa('wimlib-imagex', [
      'capture',
      at('files'),
      at(`root/Images/Linux/${name}.wim`),
      `Image ${name} & more`,
      '--no-acls',
    ]);
  await writeFile(at('root/Images/Linux/damaged.wim'), 'MSWIM\0\0\0 and no more');
  await writeFile(at('root/WdsClientUnattend/PC01.xml'), '<pc01/>');
  await writeFile(at('root/WdsClientUnattend/x64.xml'), '<x64/>');
  await writeFile(
    at('root/DriverPackages/rtl8139/modules.alias'),
    'alias pci:v000010ECd00008139sv*sd*bc*sc*i* 8139too\n',
  );
  await writeFile(
    at('root/DriverPackages/e1000/net.inf'),
    Buffer.from('\ufeff[Intel.NTx86]\r\n%E1000% = E1000.ndi, PCI\\VEN_8086&DEV_100E ; Pro/1000\r\n', 'utf16le'),
  );
  await writeFile(
    at('state/images.json'),
    JSON.stringify({ schema: 1, images: [{ path: 'Images\\Linux\\hidden.wim', enabled: false }] }),
  );
  await writeFile(
    at('state/devices.json'),
    JSON.stringify({
      schema: 1,
      devices: [
        {
          key: UUID,
          uuid: UUID,
          mac: MAC,
          name: 'PC01',
          status: 'prestaged',
          firstSeenAt: SEEN,
          lastSeenAt: SEEN,
          answerFile: 'wdsclientunattend/pc01.XML',
          join: { domain: 'system.lab' },
          bootProgram: 'boot\\x86\\own.com',
        },
      ],
    }),
  );
  lab = await startControlLab({
    root: at('root'),
    state: at('state'),
    organization: 'Lab',
    unattend: { files: { 'x64-uefi': 'WdsClientUnattend\\nowhere.xml', x64: 'WdsClientUnattend\\x64.xml' } },
    limits: { requestBytes: 100_000 },
    accounts: [
      { name: 'administrateur', password: 'Passw0rd.lab', firstName: 'Ada' },
      { name: 'locked', password: 'Locked.1', locked: true },
    ],
  });
  results = JSON.parse(
    await lab.run(PYTHON, [path.join(TESTING, 'wds_conversations.py'), '127.0.0.1', MAC, UUID]),
  ) as typeof results;
});
afterAll(async () => {
  await lab.stop();
  await rm(work, { recursive: true, force: true });
});

const ok = (variables: object) => ({ code: 0, variables: { VERSION: 1, ...variables } });
const blob = (text: string): string => Buffer.from(text).toString('hex');
const withText = (text: string): string => expect.stringContaining(text) as string;

describe('impacket', () => {
  it('needs no password to log and to ask for an answer file, and one for everything else', () => {
    expect(results['anonymous']).toEqual({
      init: ok({
        LOGLEVEL: 3,
        TRANSACTION_ID: expect.stringMatching(/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/) as string,
      }),
      message: { code: 0, variables: {} },
      'incomplete message': { code: 87, variables: {} },
      'unknown message': { code: 50, variables: {} },
      'answer file': ok({ FLAGS: 1, CLIENT_UNATTEND: blob('<pc01/>') }),
      'answer file of its architecture': ok({ FLAGS: 1, CLIENT_UNATTEND: blob('<x64/>') }),
      'no answer file': ok({ FLAGS: 0 }),
      images: { code: 5, variables: {} },
      'no such operation': { returned: 50 },
      'no such service': { returned: 1168 },
    });
    expect(lab.events).toContainEqual(
      expect.objectContaining({
        event: 'status-message',
        type: 'started',
        client: '172.22.52.222',
        architecture: 'x64',
        details: { VER_CLIENT_AUTO: '6.1', VER_OS_AUTO: '6.1' },
      }),
    );
  });

  it('is refused as a user at any level but packet privacy', () => {
    expect([results['at level connect'], results['at level integrity']]).toEqual([{ returned: 5 }, { returned: 5 }]);
  });

  it('calls every operation as a user', () => {
    const image = {
      code: 0,
      variables: expect.objectContaining({
        PATH_1: String.raw`\Images\Linux\one.wim`,
        GROUP_1: 'Linux',
        INDEX_1: 1,
        RESOURCEFILEPATH_1: String.raw`\Images\Linux\one.wim`,
        XML_1: withText('<NAME>Image one &amp; more</NAME>'),
      }) as object,
    };
    expect(results['as a user']).toMatchObject({
      images: image,
      'images, version 2': ok({
        OPTIONS: 0,
        SC: 1,
        'IL.Type[1]': 2,
        'IL.Path[1]': String.raw`\Images\Linux\one.wim`,
        'IL.Xml[1]': withText('<IMAGE INDEX="1">'),
        'IL.DepFiles[1].Cnt': 1,
      }),
      variables: ok({ MACHINENAME: 'PC01', MACHINEDOMAIN: 'system.lab', ORGNAME: 'Lab', TIMEZONE: 'UTC' }),
      'variables of a stranger': ok({ MACHINENAME: '', MACHINEDOMAIN: '' }),
      join: ok({
        FLAGS: 3,
        MACHINENAME: 'PC01',
        MACHINEDOMAIN: 'system.lab',
        MACHINEDN: 'CN=PC01,CN=Computers,DC=system,DC=lab',
        FIRSTNAME: 'Ada',
      }),
      'join of a stranger': ok({ FLAGS: 0, MACHINENAME: '%61Username%#', MACHINEDN: '' }),
      drivers: {
        code: 0,
        variables: {
          DpC: 1,
          'Dp.NM[0]': 'rtl8139',
          'Dp.IP[0]': String.raw`\\WDS\REMINST\DriverPackages\rtl8139\modules.alias`,
          'Dp.DL[0].DL[0].HID': String.raw`PCI\VEN_10EC&DEV_8139`,
        },
      },
      'no MAC address': { code: 87 },
      reset: { code: 0, variables: {} },
    });
  });

  it('is shown the images that are enabled and whole', () => {
    const { images } = results['as a user'] as { images: { variables: object } };
    expect(Object.keys(images.variables).filter((name) => name.startsWith('PATH_'))).toEqual(['PATH_1']);
    expect(lab.events).toContainEqual(
      expect.objectContaining({
        event: 'error',
        message: withText(String.raw`Images\Linux\damaged.wim is left out of the list:`),
      }),
    );
  });

  it('resets a boot program in the store that other services share', async () => {
    const { devices } = JSON.parse(await readFile(path.join(work, 'state/devices.json'), 'utf8')) as {
      devices: object[];
    };
    expect(devices).toEqual([expect.not.objectContaining({ bootProgram: expect.anything() as unknown })]);
    expect(lab.events).toContainEqual(
      expect.objectContaining({ event: 'boot-program-reset', device: 'PC01', had: String.raw`boot\x86\own.com` }),
    );
  });

  it('adds NTLM to a connection that it bound as nobody, as the reference trace does', () => {
    expect(results['alter context']).toMatchObject({ before: { code: 5 }, after: ok({ MACHINENAME: 'PC01' }) });
  });

  it('may cut its requests into small fragments, sealed or not', () => {
    expect([results['fragments at level 1'], results['fragments at level 6']]).toMatchObject([
      ok({ LOGLEVEL: 3 }),
      ok({ LOGLEVEL: 3 }),
    ]);
  });

  it.each(['wrong password', 'unknown user', 'locked user'])(
    'with a %s is told by a fault of the first call',
    (name) => {
      expect(results[name]).toEqual({ raised: 'rpc_s_access_denied' });
    },
  );

  it('cannot tell why a logon was refused; the events can', () => {
    const statuses = lab.events
      .filter(({ event }) => event === 'logon')
      .map(({ user, status }) => `${String(user)} ${String(status)}`);
    expect([...new Set(statuses)]).toEqual([
      'administrateur NT_STATUS_OK',
      'administrateur NT_STATUS_WRONG_PASSWORD',
      'nobody NT_STATUS_NO_SUCH_USER',
      'locked NT_STATUS_ACCOUNT_LOCKED_OUT',
    ]);
  });

  it.each([
    ['wrong interface', { raised: withText('provider_rejection; abstract_syntax_not_supported') }],
    ['newer interface', { raised: withText('provider_rejection; abstract_syntax_not_supported') }],
    ['only NDR64', { raised: withText('proposed_transfer_syntaxes_not_supported') }],
    ['several contexts', true],
    ['stub that lies', { raised: 'rpc_x_bad_stub_data' }],
    ['stub that is cut', { raised: 'rpc_x_bad_stub_data' }],
    ['packet that is none', '00000000000000000d000000'],
    ['variable that lies', '00000000000000000d000000'],
    ['variable that is there twice', { code: 87, variables: {} }],
    ['opnum 1', { raised: 'nca_s_op_rng_error' }],
    // PDU types: 12 bind-ack, 13 bind-nak, 3 fault with its status; each of these ends the connection.
    ['request before bind', ['3:1c01000b']],
    ['second bind', ['12', '3:1c01000b']],
    ['unknown context', ['12', '3:1c010003', '3:1c01000b']],
    ['oversized fragment', ['12', '3:1c01000b']],
    ['later fragment first', ['12', '3:1c01000b']],
    ['two calls interleaved', ['12', '3:1c01000b']],
    ['request too large', ['12', '3:1c00001b']],
    ['version 4', ['13']],
    ['no RPC', ['3:1c01000b']],
    ['auth length outside the fragment', ['3:1c01000b']],
  ])("gets the protocol's own answer: %s", (name, answer) => expect(results[name]).toEqual(answer));

  it('finds the service by the endpoint mapper on port 135', () => {
    expect(results['endpoint of the control service']).toBe('ncacn_ip_tcp:127.0.0.1[5040]');
    expect(results['request to the mapped endpoint']).toBe(0);
    expect(results['endpoint of another interface']).toEqual({ raised: withText('ept_s_not_registered') });
    expect(results['endpoint lookup']).toEqual({ raised: withText('rpc_s_access_denied') });
  });
});

describe("Samba's client", () => {
  it('signs, seals and checks our signatures, with NTLM in the raw and in SPNEGO', async () => {
    const stub = Buffer.from(encodeEptMapRequest({ interface: RPC_SYNTAXES.wdsControl, transfer: RPC_SYNTAXES.ndr }));
    const answers = JSON.parse(
      await lab.run(PYTHON, [path.join(TESTING, 'samba_client.py'), '127.0.0.1', stub.toString('hex')]),
    ) as Record<string, string[] | string>;
    const expected = Buffer.from(
      encodeEptMapResponse(
        { interface: RPC_SYNTAXES.wdsControl, transfer: RPC_SYNTAXES.ndr, port: 5040, ip: '127.0.0.1' },
        4,
      ),
    ).toString('hex');
    for (const mechanism of ['ntlm', 'spnego']) {
      for (const level of ['connect', 'packet', 'sign', 'seal'])
        expect([mechanism, level, answers[`${mechanism},${level}`]]).toEqual([mechanism, level, [expected, expected]]);
      expect(answers[`${mechanism}, wrong password`]).toMatch(/access|denied|logon/i);
    }
  });
});

describe("the agent's own client", () => {
  it('finds the service, asks as nobody, logs on and asks again', async () => {
    const program = path.join(work, 'wdsctl');
    await compileWdsctl(program, ['-O1']);
    const variables = path.join(work, 'variables');
    await mkdir(variables);
    const client = `CLIENT_GUID:text=${UUID.replaceAll('-', '')} CLIENT_MAC:text=${'0'.repeat(20)}${MAC.replaceAll(':', '')}`;
    const answers = await lab.run(
      program,
      [variables],
      [
        'connect 127.0.0.1',
        'call LOG_INIT VERSION:u32=1',
        `call GET_CLIENT_UNATTEND VERSION:u32=1 ARCHITECTURE:u32=9 FIRMWARE:u8=1 ${client}`,
        'call IMG_ENUMERATE VERSION:u32=1',
        'authenticate SYSTEM administrateur Passw0rd.lab',
        `call GET_UNATTEND_VARIABLES VERSION:u32=1 ${client}`,
        'call IMG_ENUMERATE VERSION:u32=1 CC:u32=1',
        '',
      ].join('\n'),
    );
    expect(answers.split('\n')).toEqual([
      'ok 5040',
      'ok 3',
      'ok 3',
      'error the server refused it: error 0x00000005',
      'ok 0',
      'ok 5',
      expect.stringMatching(/^ok 1\d$/),
    ]);
    expect(await readFile(path.join(variables, 'IL.Path[1]'), 'utf8')).toBe('\\Images\\Linux\\one.wim\n');
  });
});
