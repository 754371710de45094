import { describe, expect, it } from 'vitest';
import type * as z from 'zod';
import { messageType, optionBytes, optionText } from '../../../harness/protocols/dhcp/wire/options.ts';
import {
  bootItemOption,
  bootMenuOption,
  PXE_SUB_OPTIONS,
  pxeVendorOptions,
} from '../../../harness/protocols/dhcp/wire/pxe-vendor.ts';
import { wdsBootProgramOption, wdsValues } from '../../../harness/protocols/dhcp/wire/wds.ts';
import type { Device } from '../../state/device-store.ts';
import { encodeSubOptions } from '../../../harness/protocols/dhcp/wire/sub-options.ts';
import type { DhcpDraft } from '../../../harness/protocols/dhcp/wire/codec.ts';
import { proxydhcpConfigSchema } from './config.ts';
import { decideProxy } from './decision.ts';
import { ip, pxeOptions, request } from '../testing/messages.ts';

const WDS = '172.22.52.207';
const settings = (over: Partial<z.input<typeof proxydhcpConfigSchema>> = {}) =>
  proxydhcpConfigSchema.parse({ address: WDS, bootfile: 'boot\\x86\\wdsnbp.com', ...over });
const view = (draft: DhcpDraft | undefined) => ({
  options: (draft?.options ?? []).map((option) => ({ ...option, offset: 0 })),
});
const CLIENT = { ciaddr: '172.22.52.222' };
const chosen = (type: number): DhcpDraft['options'][number] => ({
  code: 43,
  data: encodeSubOptions([bootItemOption({ type, layer: 0 })]),
});

describe('on port 67', () => {
  it('offers itself without address or boot file, so that the client asks on 4011 (PXE 2.1 section 2.2.3)', () => {
    const { reply, to } = decideProxy(request(1, pxeOptions()), 'dhcp', settings());
    expect(reply).toMatchObject({ siaddr: WDS, file: '' });
    expect(reply?.yiaddr ?? '0.0.0.0').toBe('0.0.0.0');
    expect(messageType(view(reply))).toBe(2);
    expect(optionText(view(reply), 60)).toBe('PXEClient');
    expect(optionBytes(view(reply), 97)).toHaveLength(17);
    expect(to).toEqual({ ip: '255.255.255.255', port: 68 });
  });

  it('puts the boot file into the offer when told to', () => {
    const { reply } = decideProxy(
      request(1, pxeOptions()),
      'dhcp',
      settings({ offerCarriesBootfile: true, nextServer: '172.22.52.9' }),
    );
    expect(reply).toMatchObject({ siaddr: '172.22.52.9', file: 'boot\\x86\\wdsnbp.com' });
  });

  it.each([
    ['a client that is no PXE client', request(1)],
    ['a UEFI HTTP client', request(1, [{ code: 60, data: Buffer.from('HTTPClient:Arch:00016:UNDI:003000') }])],
    [
      'the REQUEST of the address exchange',
      request(3, [...pxeOptions(), ip(54, '172.22.52.1'), ip(50, '172.22.52.222')]),
    ],
    [
      'that REQUEST when this host is the DHCP server, too',
      request(3, [...pxeOptions(), ip(54, WDS), ip(50, '172.22.52.222')]),
    ],
    ['BOOTP', request(undefined, pxeOptions())],
  ])('is silent to %s', (_, message) => {
    expect(decideProxy(message, 'dhcp', settings()).reply).toBeUndefined();
  });

  it('has no offer for an architecture without a boot file', () => {
    const { event, reply } = decideProxy(
      request(1, pxeOptions(11)),
      'dhcp',
      proxydhcpConfigSchema.parse({ address: WDS, bootfiles: { '7': 'x.efi' } }),
    );
    expect(reply).toBeUndefined();
    expect(event.message).toBe('no boot file for architecture 11');
  });

  it.each(['dhcp', 'proxy'] as const)('gives iPXE the file of its user class, %s port', (port) => {
    const config = settings({ offerCarriesBootfile: true, userClasses: { iPXE: 'boot.ipxe' } });
    const prestaged = { bootProgram: 'own.com' } as Device;
    const ask = (options: DhcpDraft['options']) =>
      decideProxy(request(port === 'dhcp' ? 1 : 3, [...pxeOptions(), ...options], CLIENT), port, config, prestaged);
    expect(ask([{ code: 77, data: Buffer.from('iPXE') }]).reply?.file).toBe('boot.ipxe');
    expect(ask([]).reply?.file).toBe('own.com');
  });

  it('gives iPXE the file of its user class, whatever entry of the menu it chose', () => {
    const config = settings({ userClasses: { iPXE: 'boot.ipxe' }, bootfilesByType: { '5': 'undionly.kpxe' } });
    const ask = (options: DhcpDraft['options']) =>
      decideProxy(request(3, [...pxeOptions(), chosen(5), ...options], CLIENT), 'dhcp', config);
    expect(ask([]).reply?.file).toBe('undionly.kpxe');
    expect(ask([{ code: 77, data: Buffer.from('iPXE') }]).reply?.file).toBe('boot.ipxe');
  });

  it('answers boot server discovery with the chosen item (PXE 2.1 table 2-2, tag 71)', () => {
    const menu = {
      menu: [
        { type: 0, description: 'local disk' },
        { type: 5, description: 'rescue' },
      ],
      prompt: { timeoutS: 255, text: 'F8' },
    };
    const config = settings({ pxeOptions: menu, bootfilesByType: { '5': 'rescue.0' } });
    const offer =
      pxeVendorOptions(view(decideProxy(request(1, pxeOptions()), 'dhcp', config).reply)) ?? expect.unreachable();
    expect(optionBytes(offer, PXE_SUB_OPTIONS.bootMenu)).toEqual(bootMenuOption(menu.menu).data);
    const { reply } = decideProxy(
      request(3, [...pxeOptions(), chosen(5)], CLIENT, { ip: '172.22.52.222', port: 68 }),
      'dhcp',
      config,
    );
    expect(reply?.file).toBe('rescue.0');
    expect(optionBytes(view(reply), 43)).toEqual(encodeSubOptions([bootItemOption({ type: 5, layer: 0 })]));
  });
});

describe('negotiating with wdsnbp', () => {
  const wds = { prompt: 'no-prompt', bcd: 'boot\\x86\\default.bcd' } as const;
  const ask = (
    options: DhcpDraft['options'],
    over: Partial<z.input<typeof proxydhcpConfigSchema>> = {},
    device?: Device,
  ) => decideProxy(request(3, [...pxeOptions(), ...options], CLIENT), 'proxy', settings({ wds, ...over }), device);

  it('names wdsnbp first, and the program after it to a request with option 250', () => {
    expect(ask([]).reply?.file).toBe('boot\\x86\\wdsnbp.com');
    const { reply } = ask([wdsBootProgramOption({ architecture: 0 })]);
    expect(reply?.file).toBe('boot\\x86\\pxeboot.n12');
    expect(optionText(view(reply), 252)).toBe('boot\\x86\\default.bcd');
    expect(wdsValues(view(reply))).toEqual({ pxeClientPrompt: 2 });
  });

  it('leaves option 250 alone when it is not to negotiate', () => {
    expect(
      decideProxy(request(3, [...pxeOptions(), wdsBootProgramOption({ architecture: 0 })], CLIENT), 'proxy', settings())
        .reply?.file,
    ).toBe('boot\\x86\\wdsnbp.com');
  });

  it('has a boot program of a device’s own, and no answer for devices that it does not know when told so', () => {
    const known: Device = {
      key: 'x',
      mac: '00:0c:29:22:52:de',
      status: 'prestaged',
      bootProgram: 'own.com',
      firstSeenAt: '',
      lastSeenAt: '',
    };
    expect(ask([], {}, known).reply?.file).toBe('own.com');
    const ignoring = { wds: { ...wds, state: '/state', unknown: 'ignore' } } as const;
    expect(ask([], ignoring)).toEqual({
      event: expect.objectContaining({
        event: 'ignored',
        message: 'only known computers are answered, and this one is unknown',
      }) as unknown,
    });
    expect(ask([], ignoring, known).reply).toBeDefined();
  });
});

describe('on port 4011', () => {
  it.each([68, 4011])('acknowledges to the port that asked: %i (harness/docs/protocols.md 1.2)', (port) => {
    const from = { ip: '172.22.52.222', port };
    const { reply, to } = decideProxy(request(3, pxeOptions(), CLIENT, from), 'proxy', settings());
    expect(to).toEqual(from);
    expect(messageType(view(reply))).toBe(5);
    expect(reply).toMatchObject({ siaddr: WDS, file: 'boot\\x86\\wdsnbp.com', ciaddr: '172.22.52.222' });
  });

  it('takes INFORM (PXE 2.1), and no message for another server', () => {
    expect(decideProxy(request(8, pxeOptions(), CLIENT), 'proxy', settings()).reply).toBeDefined();
    expect(
      decideProxy(request(3, [...pxeOptions(), ip(54, '172.22.52.1')], CLIENT), 'proxy', settings()).reply,
    ).toBeUndefined();
    expect(decideProxy(request(1, pxeOptions()), 'proxy', settings()).reply).toBeUndefined();
  });
});

it('wants something to listen on and something to boot', () => {
  const problems = (input: z.input<typeof proxydhcpConfigSchema>) =>
    proxydhcpConfigSchema.safeParse(input).error?.issues.map((issue) => issue.path.join('.'));
  expect(problems({ address: WDS, port67: false, port4011: false })).toEqual(['port4011', 'bootfile']);
});
