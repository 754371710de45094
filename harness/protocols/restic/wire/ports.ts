/** TCP port of restic's REST server (rest-server's `--listen`, default `:8000`). */
export const RESTIC_PORT = 8000;
