import { describe, expect, it } from 'vitest';
import { agentCommandLine, type ImageOptions } from './agent-options.ts';
import { grubConfig, ipxeScript, MENU_TEXT, pxelinuxConfig, type BootMenu } from './boot-configurations.ts';

const options: ImageOptions = {
  mode: 'install',
  server: '172.22.52.207',
  share: 'REMINST',
  domain: 'SYSTEM',
  user: 'administrateur',
  password: 'Passw0rd.lab',
  unattended: true,
};
const capture: ImageOptions = { ...options, mode: 'capture', image: 'a.wim' };

const menu: BootMenu = {
  title: 'Network boot',
  chosen: 'rescue',
  timeoutMs: 2500,
  entries: [
    { name: 'deploy', title: 'Install an image', starts: { agent: options } },
    {
      name: 'rescue',
      title: 'Save this disk',
      key: 'b',
      starts: { agent: capture, initrd: ['agent.img', 'backup.img'] },
    },
  ],
};

describe('pxelinuxConfig', () => {
  it('starts the agent without a prompt, with paths relative to the boot program', () => {
    const lines = pxelinuxConfig({ agent: options }).split('\n');
    expect(lines.slice(0, 6)).toEqual([
      'DEFAULT agent',
      'PROMPT 0',
      'TIMEOUT 0',
      'LABEL agent',
      '  KERNEL vmlinuz',
      '  INITRD agent.img',
    ]);
    expect(lines[6]).toBe(`  APPEND ${agentCommandLine(options)}`);
  });
});

describe('grubConfig', () => {
  it("gives GRUB's shell paths from the server's root, and words that it leaves as they are", () => {
    const hostile = { ...options, password: 'q\'uo"te $HOME `id` {1..3};#\\x' };
    const text = grubConfig({ agent: hostile, initrd: ['agent.img', 'agent-uefi.img'] }, 'boot/x86');
    expect(text.split('\n')).toEqual([
      `linux /boot/x86/vmlinuz ${agentCommandLine(hostile)}`,
      'initrd /boot/x86/agent.img /boot/x86/agent-uefi.img',
      'boot',
      '',
    ]);
    // What GRUB's shell treats as its own: quotes, escapes, variables, groups, separators, comments.
    expect(text).not.toMatch(/['"\\$`{};#<>|&*?[\]]/);
  });
});

describe('a menu', () => {
  it('is menu.c32 for PXELINUX, where a hotkey starts its entry and the time is in tenths of a second', () => {
    expect(pxelinuxConfig(menu).split('\n')).toEqual([
      'UI menu.c32',
      'PROMPT 0',
      'TIMEOUT 25',
      'MENU TITLE Network boot',
      'MENU IMMEDIATE',
      'LABEL deploy',
      '  MENU LABEL Install an image',
      '  KERNEL vmlinuz',
      '  INITRD agent.img',
      `  APPEND ${agentCommandLine(options)}`,
      'LABEL rescue',
      '  MENU LABEL ^B  Save this disk',
      '  MENU DEFAULT',
      '  KERNEL vmlinuz',
      '  INITRD agent.img,backup.img',
      `  APPEND ${agentCommandLine(capture)}`,
      '',
    ]);
  });

  it('has an entry a role for GRUB, and whole seconds', () => {
    expect(grubConfig(menu, 'boot/x86').split('\n')).toEqual([
      'set timeout=3',
      'set default=rescue',
      "menuentry 'Install an image' --id deploy {",
      `  linux /boot/x86/vmlinuz ${agentCommandLine(options)}`,
      '  initrd /boot/x86/agent.img',
      '}',
      "menuentry 'B  Save this disk' --id rescue --hotkey=b {",
      `  linux /boot/x86/vmlinuz ${agentCommandLine(capture)}`,
      '  initrd /boot/x86/agent.img /boot/x86/backup.img',
      '}',
      '',
    ]);
  });

  it('jumps to what was chosen in iPXE, and to the default after Escape', () => {
    expect(ipxeScript(menu, { others: 'boot.ipxe-01-${net0/mac:hexhyp}' }).split('\n')).toEqual([
      '#!ipxe',
      'chain --autofree boot.ipxe-01-${net0/mac:hexhyp} ||',
      'menu Network boot',
      'item deploy Install an image',
      'item --key b rescue B  Save this disk',
      'choose --timeout 2500 --default rescue entry || set entry rescue',
      'goto ${entry}',
      ':deploy',
      `kernel vmlinuz ${agentCommandLine(options)}`,
      'initrd agent.img',
      'boot',
      ':rescue',
      `kernel vmlinuz ${agentCommandLine(capture)}`,
      'initrd agent.img',
      'initrd backup.img',
      'boot',
      '',
    ]);
  });

  it.each(['a^b', "it's", '"x"', '`id`', '$HOME', '${net0/mac}', 'a\\b', '{', 'é', '', 'a\nb', 'x'.repeat(61)])(
    'has no text such as %j, which a boot program would interpret',
    (text) => expect(MENU_TEXT.test(text)).toBe(false),
  );
});
