import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { deflateSync, crc32 } from 'node:zlib';
import type { EvidenceFrame } from '../evidence.ts';
import { EVIDENCE, serialLog } from '../file-names.ts';
import type { Result } from '../result.ts';
import { evidenceFolder } from '../run-folder.ts';

/** Lays out a run's folder as the composer does: frames of every step, serial log, screenshots, service logs. */
export async function writeSampleRun(folder: string, result: Result): Promise<void> {
  for (const scenario of result.scenarios) {
    if (scenario.capture === undefined) continue;
    const at = join(folder, evidenceFolder(scenario));
    const put = async (path: string, content: string | Uint8Array): Promise<void> => {
      await mkdir(dirname(join(at, path)), { recursive: true });
      await writeFile(join(at, path), content);
    };
    const numbers = new Map(
      scenario.clients.flatMap(({ steps }) =>
        steps.flatMap((step) => step.frames.map((number) => [number, step] as const)),
      ),
    );
    await put(
      EVIDENCE.frames,
      JSON.stringify({
        frames: [...numbers]
          .sort(([a], [b]) => a - b)
          .map(([number, step]) => sampleFrame(number, step.atMs, step.step, step.detail ?? {})),
      }),
    );
    await put(EVIDENCE.capture, Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex'));
    await put(EVIDENCE.plan, '{}');
    await put(
      'services/tftp@host-207.jsonl',
      '{"event":"ready","service":"tftp","listening":["172.22.52.207:69/udp"]}\n{"event":"stopped","counters":{"transfers":6}}\n',
    );
    await put('services/dhcp@host-1.jsonl', '{"event":"ready","service":"dhcp","listening":["172.22.52.1:67/udp"]}\n');
    for (const client of scenario.clients) {
      if (!/^[\w-]+$/.test(client.name)) continue; // a hostile name: no composer would make a file of it
      await put(
        serialLog(client.name),
        `\u001b[2J\u001b[1;1HSeaBIOS (version 1.16.3-debian)\r\niPXE (http://ipxe.org) 00:03.0 C900 PCI2.10 PnP PMM\r\n${'Booting from ROM...\r\n'.repeat(30)}PXELINUX 6.04\r\n`,
      );
      for (const { file } of client.screenshots ?? [])
        await put(file.split('/').slice(1).join('/'), consolePng(360, 200));
    }
  }
}

/** A frame with the layers that the step would have, and the DHCP or TFTP bytes of its detail as payload. */
export function sampleFrame(
  number: number,
  atMs: number,
  step: string,
  detail: Readonly<Record<string, unknown>>,
): EvidenceFrame {
  const tcp = /^(smb|ntlm|rpc|wds|image)\./.test(step);
  const payload = Buffer.from(
    Object.entries(detail)
      .map(([name, value]) => `${name}\0${String(value)}\0`)
      .join(''),
  );
  const bytes = Buffer.concat([
    Buffer.from('525400000207525400 80d2920800'.replaceAll(' ', ''), 'hex'),
    Buffer.from(
      `4500${(28 + payload.length).toString(16).padStart(4, '0')}0001000040${tcp ? '06' : '11'}0000ac1634deac1634cf`,
      'hex',
    ),
    Buffer.from('07d00045', 'hex'),
    Buffer.from((8 + payload.length).toString(16).padStart(4, '0'), 'hex'),
    Buffer.from('0000', 'hex'),
    payload,
  ]);
  const length = Math.max(60, bytes.length);
  return {
    number,
    atMs,
    length,
    summary:
      `172.22.52.222 → 172.22.52.207 ${step.replace('.', ' ')} ${Object.values(detail).map(String).join(', ')}`.trim(),
    hex: bytes.toString('hex'),
    layers: [
      {
        name: 'ethernet',
        offset: 0,
        length: 14,
        fields: [
          { name: 'destination', value: '52:54:00:00:02:07', offset: 0, length: 6 },
          { name: 'source', value: '52:54:00:80:d2:92', offset: 6, length: 6 },
          { name: 'type', value: '0x0800 IPv4', offset: 12, length: 2 },
        ],
      },
      {
        name: 'ipv4',
        offset: 14,
        length: 20,
        fields: [
          { name: 'source', value: '172.22.52.222', offset: 26, length: 4 },
          { name: 'destination', value: '172.22.52.207', offset: 30, length: 4 },
        ],
      },
      {
        name: tcp ? 'tcp' : 'udp',
        offset: 34,
        length: 8,
        fields: [
          { name: 'source port', value: '2000' },
          { name: 'destination port', value: tcp ? '445' : '69' },
        ],
      },
      {
        name: step.split('.')[0] ?? step,
        offset: 42,
        length: payload.length,
        fields: [
          { name: 'operation', value: step.split('.')[1] ?? '' },
          ...Object.entries(detail).map(([name, value]) => ({ name, value: String(value) })),
        ],
      },
    ],
  };
}

/** A PNG that looks like a text console: grey bars on black. */
function consolePng(width: number, height: number): Buffer {
  const rows = Array.from({ length: height }, (_, y) =>
    Buffer.from(
      Array.from({ length: width + 1 }, (__, x) =>
        x > 0 && y % 14 > 4 && y % 14 < 10 && x < 40 + ((y * 37) % 200) && x % 9 < 7 ? 0xa8 : x === 0 ? 0 : 8,
      ),
    ),
  );
  const chunk = (type: string, data: Buffer): Buffer => {
    const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
    const size = Buffer.alloc(4);
    size.writeUInt32BE(data.length);
    const check = Buffer.alloc(4);
    check.writeUInt32BE(crc32(body));
    return Buffer.concat([size, body, check]);
  };
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8; // bits a sample; colour type 0 (grey) and the rest stay zero
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(rows))),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}
