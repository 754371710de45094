import { WDS_NEXT_ACTIONS } from '../../protocols/dhcp/wire/wds.ts';
import { seen, told, type CommentedMap } from '../commented.ts';
import type { CaptureFacts } from '../facts/capture-facts.ts';
import type { Decision } from './decision.ts';
import { directoryPrograms } from './directory-programs.ts';
import { ANSWER_FILE } from './store.ts';

/** What the scenario has besides. */
interface DeviceSetting {
  /** The services that give answer files. */
  readonly hasAnswerFiles: boolean;
  /** The lab's own boot image, as in the lab that the capture is of. */
  readonly bootsAgent: boolean;
}

/**
 * `services.devices`: a computer that had to wait for an administrator, was rejected, has an answer file of its own, or
 * joins a domain; undefined for any other.
 */
export function devicesOf({ facts, name }: Decision, setting: DeviceSetting): CommentedMap | undefined {
  const { hasAnswerFiles, bootsAgent } = setting;
  const answers = [...facts.dhcp.bootServers.values()].flatMap(({ wds }) => wds);
  const waits = answers.filter(({ value }) => value.nextAction === WDS_NEXT_ACTIONS.approval);
  const abort = answers.find(({ value }) => value.nextAction === WDS_NEXT_ACTIONS.abort);
  const approved = answers.find(({ value }) => value.actionDone === 1);
  const { answerFile } = facts.share;
  const [first] = waits;
  if (first === undefined && answerFile !== undefined && hasAnswerFiles)
    return {
      known: [
        {
          client: name,
          name: UNSEEN_NAME,
          'answer-file': seen(ANSWER_FILE, answerFile.frame, 'the client got one of its own'),
        },
      ],
    };
  const joins = bootsAgent && first === undefined && abort === undefined ? joinOf(facts) : undefined;
  if (joins !== undefined) return { known: [{ client: name, ...joins }] };
  if (first === undefined)
    return abort === undefined ? undefined : { known: [{ client: name, status: seen('rejected', abort.frame) }] };
  const decided = approved ?? abort;
  return {
    unknown: seen('pending', first.frame),
    ...(decided === undefined
      ? {}
      : {
          administrator: [
            {
              'after-polls': seen(waits.length, decided.frame),
              [approved === undefined ? 'reject' : 'approve']: name,
            },
          ],
        }),
  };
}

/** A computer that joins a domain, and what shows it. */
function joinOf(facts: CaptureFacts): CommentedMap | undefined {
  const { computer, accounts } = facts.share;
  if (computer !== undefined)
    return {
      name: seen(computer.value, computer.frame),
      join: seen(true, computer.frame, 'has an account of its own'),
    };
  const programs = directoryPrograms(facts);
  // A lab's client that logs on by Kerberos loads them as well, and need not join.
  return programs === undefined || accounts.some(({ kerberos }) => kerberos)
    ? undefined
    : { name: UNSEEN_NAME, join: seen(true, programs.frame, 'loads what it would join a domain with') };
}

const UNSEEN_NAME = told('PC01', 'no frame shows it');
