import type { WdsVariable } from '../protocols/wds/wire/codec.ts';
import type { Authentication } from './rpc-client.ts';
import { WdsControlClient } from './wds-control-client.ts';

/**
 * What a group of control clients does: each sends the same request again and again on its connection until time is up.
 */
export interface ControlLoad {
  readonly host: string;
  readonly port: number;
  readonly connections: number;
  /** Absent: anonymous. */
  readonly authentication?: Authentication;
  readonly opcode: number;
  readonly variables: readonly WdsVariable[];
  readonly durationMs: number;
}

/** What came of it. */
export interface ControlLoadResult {
  readonly requests: number;
  readonly durationMs: number;
  /** Connections that ended early or got an error code, and the first reason. */
  readonly errors: number;
  readonly firstError?: string | undefined;
}

/** Runs control clients against a service. All of them are connected, and logged on, before the time begins. */
export async function runControlLoad({
  host,
  port,
  connections,
  authentication,
  opcode,
  variables,
  durationMs,
}: ControlLoad): Promise<ControlLoadResult> {
  const clients = await Promise.all(
    Array.from({ length: connections }, async () => {
      const client = await WdsControlClient.connect(host, port);
      if (authentication) await client.authenticate(authentication);
      return client;
    }),
  );
  const startedMs = performance.now();
  const endMs = startedMs + durationMs;
  let requests = 0;
  const errors: string[] = [];
  await Promise.all(
    clients.map(async (client) => {
      try {
        while (performance.now() < endMs) {
          const { code } = await client.request(opcode, variables);
          if (code !== 0) throw new Error(`error code ${code}`);
          requests++;
        }
      } catch (error) {
        errors.push(error instanceof Error ? error.message : String(error));
      }
    }),
  );
  const tookMs = performance.now() - startedMs;
  for (const client of clients) client.close();
  return {
    requests,
    durationMs: tookMs,
    errors: errors.length,
    firstError: errors[0],
  };
}
