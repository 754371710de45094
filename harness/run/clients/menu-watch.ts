import type { Step } from '../../../reports/result.ts';
import type { BootMenuPlan } from '../../plan/plan.ts';

/** Steps that bring a file. */
const LOADS: readonly string[] = ['tftp.transfer', 'http.get'];

/** Says, once, with which passed step of a client its boot program has all that it needs to show its menu. */
export function menuWatch(menu: BootMenuPlan | undefined): (step: Step) => boolean {
  let loads = 0;
  return ({ step, detail = {} }) => {
    if (menu === undefined || !LOADS.includes(step)) return false;
    const path = String(detail['path'] ?? '')
      .replaceAll('\\', '/')
      .replace(/^\/+/, '')
      .toLowerCase();
    return menu.files.some((file) => file.toLowerCase() === path) && ++loads === menu.loads;
  };
}
