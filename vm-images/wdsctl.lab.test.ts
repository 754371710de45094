import { execa } from 'execa';
import { mkdir, mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { compileWdsctl } from './recipes/wdsctl.ts';

// The agent's client of the WDS control channel, built with the address and undefined-behaviour sanitizers, against a
// server with impacket's NTLM. tshark, which knows the password, decodes the traffic.

const SERVER = path.join(import.meta.dirname, 'testing', 'wds-server.py');
const ACCOUNT = ['SYSTEM', 'administrateur', 'Passw0rd.lab'];
const COMMANDS = [
  'connect 127.0.0.1',
  'call LOG_INIT VERSION:u32=1',
  'call GET_CLIENT_UNATTEND VERSION:u32=1 ARCHITECTURE:u32=0 CLIENT_GUID:text=00112233445566778899AABBCCDDEEFF CLIENT_MAC:text=00000000000000000000525400123456 FIRMWARE:u8=0',
  'authenticate SYSTEM administrateur Passw0rd.lab',
  'call IMG_ENUMERATE VERSION:u32=1 CC:u32=1',
  `call LOG_MSG VERSION:u32=1 MESSAGE_TYPE:u32=4 TRANSACTION_ID:text=%7B9D5E6F3C%7D MESSAGE:text=${'z'.repeat(7000)}`,
  'call GET_CLIENT_UNATTEND VERSION:u32=1',
];

let work: string;
let program: string;
beforeAll(async () => {
  work = await mkdtemp(path.join(tmpdir(), 'pxewright-wdsctl-'));
  program = path.join(work, 'wdsctl');
  await compileWdsctl(program, ['-g', '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover']);
});
afterAll(() => rm(work, { recursive: true, force: true }));

interface Talk {
  readonly answers: string[];
  readonly server: Record<string, unknown>[];
  readonly folder: string;
  readonly stderr: string;
}

/** One conversation in a network namespace of its own, beside the server and, when asked for, a capture. */
async function talk(
  name: string,
  commands: readonly string[],
  { hostile = false, capture = '', repeat = 1 } = {},
): Promise<Talk> {
  const folder = path.join(work, name);
  await mkdir(path.join(folder, 'variables'), { recursive: true });
  await writeFile(path.join(work, `${name}.commands`), commands.join('\n') + '\n');
  // The server ends at the end of its standard input, tcpdump on a signal; both say when they are ready.
  const script = `
    ip link set lo up
    mkfifo hold
    /usr/bin/python3 "$SERVER" ${ACCOUNT.join(' ')} ${hostile ? 'hostile' : ''} <hold >server.log 2>server.errors &
    exec 9>hold
    until grep -q ready server.log; do sleep 0.05; done
    ${capture === '' ? '' : `tcpdump -i lo -U --immediate-mode -Z root -w ${capture} 2>tcpdump.log & until grep -q listening tcpdump.log; do sleep 0.05; done`}
    for turn in $(seq ${repeat}); do "$PROGRAM" variables <../${name}.commands >>answers 2>>errors || echo "exit $?" >>errors; done
    ${capture === '' ? '' : 'kill $!; wait $!'}
    true`;
  const namespace = process.getuid?.() === 0 ? [] : ['--user', '--map-root-user'];
  await execa(
    'unshare',
    [...namespace, '--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc', 'sh', '-c', script],
    { cwd: folder, env: { SERVER, PROGRAM: program } },
  );
  const read = (file: string) => readFile(path.join(folder, file), 'utf8');
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  return {
    answers: lines(await read('answers')),
    server: lines(await read('server.log')).map((line) => JSON.parse(line) as Record<string, unknown>),
    folder,
    stderr: (await read('errors')) + (await read('server.errors')),
  };
}

describe('wdsctl', () => {
  it('finds the port, calls without and with credentials, and seals the calls with them', async () => {
    const { answers, server, stderr } = await talk('good', COMMANDS);
    expect(stderr).toBe('');
    expect(answers).toEqual(['ok 5040', 'ok 3', 'ok 4', 'ok 0', 'ok 1', 'ok 1', 'ok 4']);
    expect(server).toMatchObject([
      { ready: true },
      { mapped: '5' },
      { operation: 3, sealed: false, variables: { VERSION: 1 } },
      {
        operation: 5,
        sealed: false,
        variables: {
          VERSION: 1,
          CLIENT_GUID: '00112233445566778899AABBCCDDEEFF',
          CLIENT_MAC: '00000000000000000000525400123456',
          FIRMWARE: 0,
        },
      },
      { user: 'SYSTEM\\administrateur', right: true, mic: true },
      { operation: 2, sealed: true, variables: { VERSION: 1, CC: 1 } },
      {
        operation: 4,
        sealed: true,
        variables: { MESSAGE_TYPE: 4, TRANSACTION_ID: '{9D5E6F3C}', MESSAGE: 'z'.repeat(7000) },
      },
      { operation: 5, sealed: true },
    ]);
  });

  it("writes a reply's variables into files, whole, and nothing outside their folder", async () => {
    const { folder } = await talk('files', COMMANDS);
    expect(await readFile(path.join(folder, 'variables', 'FLAGS'), 'utf8')).toBe('3\n');
    expect(await readFile(path.join(folder, 'variables', 'CLIENT_UNATTEND'), 'utf8')).toBe(
      `<unattend>é日😀${'x'.repeat(30_000)}</unattend>\n`,
    );
    expect((await readdir(work, { recursive: true })).filter((name) => name.includes('escape'))).toEqual([]);
  });

  it("sends what tshark decodes: the reference trace's order, and stubs that the password decrypts", async () => {
    const { folder } = await talk('captured', COMMANDS, { capture: 'capture.pcap' });
    const { stdout } = await execa('tshark', [
      '-r',
      path.join(folder, 'capture.pcap'),
      '-o',
      'ntlmssp.nt_password:Passw0rd.lab',
      '-d',
      'tcp.port==5040,dcerpc',
      '-Y',
      'dcerpc',
      '-T',
      'fields',
      '-e',
      'dcerpc.pkt_type',
      '-e',
      'dcerpc.cn_call_id',
      '-e',
      'tcp.len',
      '-e',
      'dcerpc.decrypted_stub_data',
      '-e',
      '_ws.malformed',
    ]);
    const pdus = stdout.split('\n').map((line) => line.split('\t'));
    expect(pdus.map(([type]) => type)).toEqual(expect.arrayContaining(['11', '12', '14', '15', '16']));
    expect(pdus.filter(([, , , , malformed]) => malformed).length).toBe(0);
    // Frame 38 of the reference trace: an alter context of 174 bytes, 120 without headers, in call 4; and AUTH3 and the
    // first sealed request in the same call.
    expect(pdus.find(([type]) => type === '14')?.slice(0, 3)).toEqual(['14', '4', '120']);
    const auth3 = pdus.findIndex(([type]) => type === '16');
    expect([pdus[auth3]?.[1], pdus[auth3 + 1]?.[0], pdus[auth3 + 1]?.[1]]).toEqual(['4', '0', '4']);
    // The first sealed request, decrypted: IMG_ENUMERATE's endpoint GUID, after two lengths.
    expect(pdus[auth3 + 1]?.[3]?.replaceAll(':', '')).toContain('5aebded8fdefb24399fc1a8a5921c227');
  });

  it('reports what is wrong: credentials, operation, command, words', async () => {
    const { answers } = await talk('wrong', [
      'call LOG_INIT',
      'connect 127.0.0.1',
      'authenticate SYSTEM administrateur wrong',
      'call IMG_ENUMERATE VERSION:u32=1',
      'call NOPE',
      'dance',
      'connect 127.0.0.1 70000',
      'connect %zz',
      'connect 127.0.0.1 9',
    ]);
    expect(answers).toEqual([
      'error not connected',
      'ok 5040',
      'ok 0',
      'error fault 0x00000005 (access denied)',
      'error unknown operation NOPE',
      'error dance: expected connect ADDRESS [PORT], authenticate DOMAIN USER PASSWORD, or call OPERATION [NAME:TYPE=VALUE]',
      'error 70000: expected a TCP port from 1 to 65535',
      'error %zz: expected two hexadecimal digits after %, not 00',
      'error 127.0.0.1, TCP port 9: Connection refused',
    ]);
  });

  it('survives a hostile server: 300 conversations with one corrupt answer each', async () => {
    const { answers, stderr } = await talk('hostile', COMMANDS, { hostile: true, repeat: 300 });
    expect(stderr).toBe('');
    expect(answers).toHaveLength(300 * COMMANDS.length);
    expect(answers.filter((line) => !/^(ok \d+|error [^\n]+)$/.test(line))).toEqual([]);
    // It notices most corrupt answers; the number of different messages shows that they come from all parts of the
    // code.
    expect(
      new Set(
        answers.filter((line) => line.startsWith('error')).map((line) => line.replaceAll(/\d+|0x[0-9a-f]+/g, 'N')),
      ).size,
    ).toBeGreaterThan(15);
  });
});
