import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { SERVER } from '../../observe/testing/scene.ts';
import { DHCP_SERVER } from '../../protocols/dhcp/testing/scene.ts';
import { LOGON } from '../../protocols/rpc/testing/control.ts';
import { replayCapture } from '../../run/replay/replay.ts';
import { boot, type BootStory } from '../../verdict/testing/boot-story.ts';
import { expecting, judge, planOf } from '../../verdict/testing/judge-story.ts';
import { service } from '../../verdict/testing/planned-services.ts';
import { compareBoots, type BootComparison } from './compare-boots.ts';
import { comparisonText } from './comparison-text.ts';
import { sequenceOf, type Sequence } from './sequence.ts';

const told = (story: BootStory): Sequence => sequenceOf(judge(story).client);
const replayed = async (name: string): Promise<Sequence> => {
  const file = fileURLToPath(new URL(`../../observe/testdata/${name}.pcap`, import.meta.url));
  const { scenarios } = await replayCapture(file);
  const client = scenarios[0]?.clients[0];
  return client ? sequenceOf(client) : { entries: [], settled: false, unread: false };
};
/** A boot up to the first file that it loads. */
const untilLoaded = ({ entries, ...rest }: Sequence): Sequence => ({
  ...rest,
  entries: entries.slice(0, entries.findIndex(({ step }) => step === 'tftp.transfer') + 1),
});
/** What is said last: that both are the same, or where they part. */
const conclusion = (comparison: BootComparison): string =>
  comparisonText(comparison, { base: 'the capture', next: 'the run' }).at(-1)?.trim() ?? '';

const FILE = { siaddr: SERVER.ip, bootfile: 'pxelinux.0' };

describe('two boots are the same', () => {
  it.each(['bios-nodhcp', 'bios-proxy', 'bios-tftp-singleport', 'efi-http', 'relay-at-server'])(
    'when they are one: %s',
    async (name) => {
      const sequence = await replayed(name);
      const comparison = compareBoots(sequence, sequence);
      expect(comparison).toMatchObject({ same: true, moved: [] });
      expect(comparison.steps).toHaveLength(sequence.entries.length);
    },
  );

  it('however often a client repeats itself, and whichever server answers first', () => {
    const first = boot().pxeRound().proxyRound().loads(['pxelinux.0', 4000]);
    const other = boot()
      .also(({ dhcp }) => dhcp.discover().bootServerOffer().discover().discover().offer())
      .given()
      .proxyRound()
      .loads(['pxelinux.0', 4000]);
    expect(compareBoots(told(first), told(other))).toMatchObject({ same: true });
  });

  it('whatever a server wrote for this client into the configuration of a boot program', () => {
    const configured = (bytes: number): Sequence => told(boot().dhcpBoot().loads(['/boot/x64/grub.cfg', bytes]));
    expect(compareBoots(configured(327), configured(334))).toMatchObject({ same: true });
  });

  it('when hosts have other addresses, each the same throughout', async () => {
    const comparison = compareBoots(await replayed('relay-at-server'), await replayed('bios-tftp-singleport'));
    expect(comparison).toMatchObject({ same: true, moved: [{ base: '10.78.0.2', next: '10.77.0.1' }] });
  });

  it('as far as a run goes that has met its scenario, and as far as a capture goes', () => {
    const whole = boot().dhcpBoot().loads(['boot/vmlinuz', 9000]);
    const plan = planOf({ expectations: expecting(['tftp.transfer', { path: 'pxelinux.0' }]) });
    const met = sequenceOf(judge(boot().dhcpBoot(), plan).client);
    const longer = compareBoots(told(whole), met);
    expect(longer.same).toBe(true);
    expect(longer.steps.filter(({ beyond }) => beyond).map(({ step }) => step)).toEqual([
      'tftp.read-request',
      'tftp.option-ack',
      'tftp.transfer',
    ]);
    expect(compareBoots(told(boot().dhcpBoot()), told(whole)).same).toBe(true);
  });

  it('whichever of the names that a boot program tries its configuration has', () => {
    const configured = (...tries: readonly string[]): Sequence => {
      const names = tries.map((name) => `boot/pxelinux.cfg/${name}`);
      return told(
        boot()
          .dhcpBoot()
          .missesFiles(...names.slice(0, -1))
          .loads([names.at(-1) ?? '', 400], ['boot/vmlinuz', 12_000]),
      );
    };
    const comparison = compareBoots(configured('01-00-11-11-80-d2-92'), configured('01-00-11-11-80-d2-92', 'default'));
    expect(comparison.same).toBe(true);
    expect(comparison.steps.filter(({ step }) => step === 'tftp.transfer')).toHaveLength(3);
  });

  it('whether or not GRUB got its whole configuration when it only looked for it', () => {
    const CONFIGURATION = 'boot/x64/grub.cfg';
    const read = (story: BootStory): Sequence => told(story.loads([CONFIGURATION, 300], ['boot/vmlinuz', 12_000]));
    const closed = read(
      boot()
        .dhcpBoot()
        .also(({ tftp }) => tftp.probe(CONFIGURATION, 300)),
    );
    const whole = read(boot().dhcpBoot().loads([CONFIGURATION, 300]));
    expect([compareBoots(closed, whole).same, compareBoots(whole, closed).same]).toEqual([true, true]);
    expect(whole.entries.filter(({ details }) => details.get('path') === CONFIGURATION)).toHaveLength(1);
  });

  it('when a capture begins in the middle, and a client goes round in circles', async () => {
    const late = compareBoots(
      untilLoaded(await replayed('sll-tftp-only')),
      untilLoaded(await replayed('bios-tftp-singleport')),
    );
    expect(late.same).toBe(true);
    expect(late.steps.filter(({ beyond }) => beyond).map(({ step }) => step)).toEqual([
      'dhcp.discover',
      'dhcp.offer',
      'dhcp.request',
      'dhcp.ack',
    ]);
    const once = boot().dhcpBoot();
    const thrice = boot().dhcpBoot().dhcpBoot().dhcpBoot();
    const plan = planOf({ expectations: expecting(['tftp.transfer']) });
    const { same, steps } = compareBoots(told(thrice), sequenceOf(judge(once, plan).client));
    expect([same, steps.findLastIndex(({ beyond }) => !beyond)]).toEqual([true, 6]);
  });
});

describe('a cause that only a judge who knows the accounts can name', () => {
  const ACCESS_DENIED = 5;
  const refused = boot()
    .booted()
    .mapped()
    .controlOpened()
    .controlLogon()
    .also(({ control }) => control.faults(ACCESS_DENIED));
  const knowing = (name: string, password: string): Sequence => {
    const plan = planOf({ services: [service('smb', { accounts: [{ name, password }] })] });
    return sequenceOf(judge(refused, plan).client);
  };
  const captured = told(refused);

  it.each([
    ['wrong-password', knowing(LOGON.user, 'another')],
    ['unknown-user', knowing('somebody-else', LOGON.password)],
  ])('is no difference, and told: %s', (exact, run) => {
    const comparison = compareBoots(captured, run);
    expect(comparison).toMatchObject({
      same: true,
      sharpened: { exact: 'next', base: 'rpc-access-denied', next: exact },
    });
    expect(comparisonText(comparison, { base: 'the capture', next: 'the run' })).toContain(
      `  rpc-access-denied is ${exact} in the run: the judge of the run knows the accounts`,
    );
    expect(compareBoots(run, captured)).toMatchObject({ same: true, sharpened: { exact: 'base' } });
  });

  it('is none in a call that only the judge who knows the password can read', () => {
    const NO_SUCH_OPERATION = 0x1c01_0002;
    const fault = (): BootStory =>
      boot()
        .booted()
        .mapped()
        .controlOpened()
        .controlLogon()
        .also(({ control }) => control.faults(NO_SUCH_OPERATION));
    const plan = planOf({ services: [service('smb', { accounts: [{ name: LOGON.user, password: LOGON.password }] })] });
    const run = sequenceOf(judge(fault(), plan).client);
    expect(run.entries.map(({ details }) => details.get('operation'))).toContain('IMG_ENUMERATE');
    const comparison = compareBoots(told(fault()), run);
    expect(comparison).toMatchObject({ same: true, unread: 'base' });
    expect(comparison.steps.at(-1)).toMatchObject({ step: 'rpc.fault', base: { failed: true } });
    expect(comparisonText(comparison, { base: 'the capture', next: 'the run' })).toContain(
      '  sealed calls are left out: the judge of the capture did not know the password',
    );
    expect(compareBoots(run, run)).toMatchObject({ same: true, steps: { length: run.entries.length } });
  });

  it('is a difference where the causes are two', () => {
    const fault = (status: number): Sequence =>
      told(
        boot()
          .booted()
          .mapped()
          .controlOpened()
          .controlLogon()
          .also(({ control }) => control.faults(status)),
      );
    const comparison = compareBoots(captured, fault(0x1c01_0002));
    expect(comparison.sharpened).toBeUndefined();
    expect(conclusion(comparison)).toMatch(/rpc\.fault has cause rpc-access-denied and rpc-operation-unknown/);
  });
});

describe('two boots part, and the conclusion says where', () => {
  it('by a detail', async () => {
    const comparison = compareBoots(await replayed('bios-nobootfile'), await replayed('bios-wrongserver'));
    expect(conclusion(comparison)).toBe(
      '✗ the same 2 steps, and then: dhcp.offer has bootfile nothing and undionly.kpxe (#1, 3) (#1–2)',
    );
  });

  it('by a step that only one has', () => {
    const probed = boot()
      .dhcpRound(FILE)
      .also(({ tftp }) => tftp.probe('pxelinux.0', 42_000).transfer('pxelinux.0', 42_000, { tsize: false }));
    const comparison = compareBoots(told(probed), told(boot().dhcpBoot()));
    expect(comparison.same).toBe(false);
    expect(comparison.first?.step).toMatch(/^tftp\./);
    expect(conclusion(comparison)).toMatch(
      /^✗ the same \d steps, and then: tftp\.\S+ happens in the capture alone \(#\d+/,
    );
  });

  it('by a failure that only one has', () => {
    const failing = boot().dhcpRound(FILE).missesFiles('pxelinux.0');
    const comparison = compareBoots(told(boot().dhcpBoot()), told(failing));
    expect(conclusion(comparison)).toMatch(
      /^✗ the same \d steps, and then: tftp\.error fails with boot-file-missing in the run alone \(#\d+–\d+\): path pxelinux\.0/,
    );
    expect(compareBoots(told(failing), told(failing)).same).toBe(true);
  });

  it('by a host that is two in the other boot', () => {
    const one = { server: SERVER.ip, ...FILE };
    const oneHost = boot()
      .offered(one)
      .also(({ dhcp }) => dhcp.choose({ server: SERVER.ip }).grant(one))
      .loads(['pxelinux.0', 42_000]);
    const comparison = compareBoots(told(oneHost), told(boot().dhcpBoot()));
    expect(conclusion(comparison)).toContain(`tftp.read-request has server ${SERVER.ip} and ${SERVER.ip} (#`);
    expect(comparison.moved).toEqual([{ base: SERVER.ip, next: DHCP_SERVER.ip }]);
  });
});
