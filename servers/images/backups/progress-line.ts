/** A line for a person who watches, which is gone when the work is over. */
export function progressLine(): { readonly show: (what: string, percent: number) => void; readonly clear: () => void } {
  let shown = '';
  const write = (line: string): void => {
    if (!process.stderr.isTTY || line === shown) return;
    shown = line;
    process.stderr.write(`\r\u001b[K${line}`);
  };
  return {
    show: (what, percent) => write(`${what}: ${Math.min(100, Math.floor(percent))} %`),
    clear: () => write(''),
  };
}
