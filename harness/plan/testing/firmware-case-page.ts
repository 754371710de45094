import { FIRMWARE_NAMES, firmwareRow } from '#qemu-wrapper/nic-models';
import { CASES, type Case, type ShownCase } from './firmware-cases.ts';

const HEAD = `# What is shown of each firmware

Made by \`harness/plan/firmware-cases.test.ts\` from the declared firmwares and the bundled scenarios; a firmware without its four cases fails that
test. Each row is a boot of \`npm test\`, which passes when the client goes that way and the judge finds that cause. A good boot is one in
which the boot program runs: it loads something itself. \`run scenarios --grep pxe/\` runs most of them.
`;

/** The documentation's page of what bundled scenarios show of each firmware. */
export function firmwareCasePage(shown: readonly ShownCase[]): string {
  const sections = FIRMWARE_NAMES.map((firmware) => {
    const rows = (Object.keys(CASES) as Case[]).flatMap((what) =>
      shown
        .filter((one) => one.firmware === firmware && one.what === what)
        .map(
          ({ id, client, cause }) => `| ${what} | \`${id}\`, client \`${client}\` | ${cause ? `\`${cause}\`` : ''} |`,
        ),
    );
    return `## ${firmware}\n\n${firmwareRow(firmware).what}.\n\n| Case | Boot | Cause |\n|---|---|---|\n${rows.join('\n')}\n`;
  });
  return [HEAD, ...sections].join('\n');
}
