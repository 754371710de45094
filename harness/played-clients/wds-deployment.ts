import { wdsOperationName, type WdsVariable } from '../protocols/wds/wire/codec.ts';
import type { Computer, DeploymentSettings } from './deployment-settings.ts';
import { GivenUp } from './given-up.ts';
import { guidText, identity, platform, processor, ulong, wide } from './wds-computer.ts';
import { controlPort, WdsControlClient, type WdsAnswer } from './wds-control-client.ts';

type Variables = WdsAnswer['variables'];

export interface Deployment {
  readonly server: string;
  readonly settings: DeploymentSettings;
  readonly computer: Computer;
  readonly tell: (event: string, detail?: object) => void;
}

const OPERATIONS = {
  imgEnumerate: 2,
  logInit: 3,
  logMessage: 4,
  getClientUnattend: 5,
  getDomainJoinInformation: 7,
  resetBootProgram: 8,
} as const;
const MESSAGES = {
  error: 1,
  finished: 3,
  imageSelected: 4,
  applyStarted: 5,
  applyFinished: 6,
  unattendMode: 8,
} as const;
const LOG_LEVELS = { errors: 1, all: 3 } as const;
const PACKET_PRIVACY = 6;
/** Flag of GET_CLIENT_UNATTEND's reply (MS-WDSOSD section 2.2.3): there is an answer file. */
const ANSWER_FILE_PRESENT = 1;
/** The root element of an answer file (Windows Unattended Setup Reference). */
const ANSWER_FILE_ROOT = /<unattend[\s>]/;

/**
 * The control channel of an installation as the deployment client holds it (order in MS-WDSOSD section 3.2.5): the
 * endpoint mapper, log and answer file as anybody, then as a user, sealed, images, progress, domain join, the end. No
 * image is applied. Throws GivenUp when the server refuses or cannot be reached.
 */
export async function deploy(deployment: Deployment): Promise<void> {
  const { server, settings, tell } = deployment;
  try {
    const port = settings.port ?? (await controlPort(server));
    if (port === undefined) throw new GivenUp(`the endpoint mapper of ${server} knows no control service`);
    tell('control.found', { server, port });
    const wds = await WdsControlClient.connect(server, port);
    try {
      await install(wds, deployment);
    } finally {
      wds.close();
    }
  } catch (error) {
    throw error instanceof GivenUp
      ? error
      : new GivenUp(`control service of ${server}: ${error instanceof Error ? error.message : String(error)}`, {
          cause: error,
        });
  }
}

async function install(wds: WdsControlClient, { settings, computer, tell }: Deployment): Promise<void> {
  const ask = async (opcode: number, variables: readonly WdsVariable[] = []): Promise<Variables> => {
    const operation = wdsOperationName('os-deployment', opcode);
    const answer = await wds.request(opcode, [ulong('VERSION', 1), ...variables]);
    tell('control.answer', { operation, errorCode: answer.code });
    if (answer.code !== 0) throw new GivenUp(`the control service answered ${operation} with error ${answer.code}`);
    return answer.variables;
  };
  const log = await ask(OPERATIONS.logInit);
  const report = async (type: number, variables: readonly WdsVariable[] = []): Promise<void> => {
    if (Number(log.get('LOGLEVEL') ?? 0) < (type === MESSAGES.error ? LOG_LEVELS.errors : LOG_LEVELS.all)) return;
    await ask(OPERATIONS.logMessage, [
      ulong('MESSAGE_TYPE', type),
      wide('TRANSACTION_ID', String(log.get('TRANSACTION_ID') ?? '')),
      wide('CLIENT_ADDRESS', computer.ip),
      wide('CLIENT_UUID', guidText(computer)),
      ulong('ARCHITECTURE', processor(computer)),
      ...variables,
    ]);
  };
  const fail = async (message: string): Promise<never> => {
    await report(MESSAGES.error, [wide('MESSAGE', message)]);
    throw new GivenUp(message);
  };

  const unattend = await ask(OPERATIONS.getClientUnattend, [...platform(computer), ...identity(computer)]);
  if ((Number(unattend.get('FLAGS') ?? 0) & ANSWER_FILE_PRESENT) !== 0) {
    const wrong = answerFileProblem(unattend.get('CLIENT_UNATTEND'));
    if (wrong !== undefined) await fail(wrong);
    await report(MESSAGES.unattendMode, [ulong('UNATTEND_MODE', 1)]);
  }
  await wds.authenticate({ type: 'ntlm', level: PACKET_PRIVACY, ...settings.credentials });
  const image = firstImage(await ask(OPERATIONS.imgEnumerate)) ?? (await fail('the server lists no image'));
  tell('control.image', image);
  await report(MESSAGES.imageSelected, [wide('IMAGE_NAME', image.name), wide('IMAGE_GROUP', image.group)]);
  await report(MESSAGES.applyStarted);
  await report(MESSAGES.applyFinished);
  await ask(OPERATIONS.getDomainJoinInformation, identity(computer));
  await ask(OPERATIONS.resetBootProgram, identity(computer));
  await report(MESSAGES.finished);
}

/** Why a file is not an answer file; undefined for one that is. */
export function answerFileProblem(
  file: Variables extends ReadonlyMap<string, infer Value> ? Value | undefined : never,
): string | undefined {
  if (!(file instanceof Uint8Array)) return 'the answer file that the server announced is missing from its reply';
  // Answer files are UTF-8 as a rule, UTF-16 with a byte order mark at times.
  const text = new TextDecoder(file[0] === 0xff && file[1] === 0xfe ? 'utf-16le' : 'utf-8').decode(file);
  return ANSWER_FILE_ROOT.test(text)
    ? undefined
    : `the file is not an answer file: expected the element <unattend>, got ${JSON.stringify(text.trim().slice(0, 40))}`;
}

/** The first image of a list in its first version (MS-WDSOSD section 2.2.6); its name stands in the WIM's XML. */
function firstImage(
  list: Variables,
): { readonly path: string; readonly group: string; readonly name: string } | undefined {
  const path = list.get('PATH_1');
  if (typeof path !== 'string') return undefined;
  return {
    path,
    group: String(list.get('GROUP_1') ?? ''),
    name: /<NAME>([^<]*)<\/NAME>/.exec(String(list.get('XML_1') ?? ''))?.[1] ?? path,
  };
}
