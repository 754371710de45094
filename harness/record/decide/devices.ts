import { WDS_NEXT_ACTIONS } from '../../protocols/dhcp/wire/wds.ts';
import { seen, told, type CommentedMap } from '../commented.ts';
import type { Decision } from './decision.ts';
import { ANSWER_FILE } from './store.ts';

/**
 * `services.devices`: a computer that had to wait for an administrator, was rejected, or has an answer file of its own;
 * undefined for any other. `hasAnswerFiles`: the scenario has the services that give them.
 */
export function devicesOf({ facts, name }: Decision, hasAnswerFiles: boolean): CommentedMap | undefined {
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
          name: told('PC01', 'no frame shows it'),
          'answer-file': seen(ANSWER_FILE, answerFile.frame, 'the client got one of its own'),
        },
      ],
    };
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
