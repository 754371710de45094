/** Ends a command with its exit status, once nothing of it runs any more. */
export async function finish(command: Promise<number>): Promise<void> {
  process.exitCode = await command;
}
