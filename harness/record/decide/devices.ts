import { WDS_NEXT_ACTIONS } from '../../protocols/dhcp/wire/wds.ts';
import { seen, type CommentedMap } from '../commented.ts';
import type { Decision } from './decision.ts';

/** `services.devices`: a computer that had to wait for an administrator, or was rejected; undefined for any other. */
export function devicesOf({ facts, name }: Decision): CommentedMap | undefined {
  const answers = [...facts.dhcp.bootServers.values()].flatMap(({ wds }) => wds);
  const waits = answers.filter(({ value }) => value.nextAction === WDS_NEXT_ACTIONS.approval);
  const abort = answers.find(({ value }) => value.nextAction === WDS_NEXT_ACTIONS.abort);
  const approved = answers.find(({ value }) => value.actionDone === 1);
  const [first] = waits;
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
