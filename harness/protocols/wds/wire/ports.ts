/** TCP port of the WDS control service, where Windows puts it (harness/docs/protocols.md 4.2). */
export const WDS_CONTROL_PORT = 5040;
