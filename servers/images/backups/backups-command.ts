import { Command } from 'commander';
import { addCatalogueVerbs } from './catalogue-verbs.ts';
import { addConversionVerbs } from './conversion-verbs.ts';
import { addFileVerbs } from './file-verbs.ts';
import { addMaintenanceVerbs } from './maintenance-verbs.ts';
import { storeOptions, type AddVerb } from './store-options.ts';

/** `pxewright backups`: the catalogue of a store of disk backups. */
export function backupsCommand(): Command {
  const backups = new Command('backups').exitOverride().description('Backups of disks in a store.');
  const verb: AddVerb = (name, description) => {
    const command = backups.command(name).description(description);
    for (const option of storeOptions()) command.addOption(option);
    return command;
  };
  for (const add of [addCatalogueVerbs, addMaintenanceVerbs, addFileVerbs, addConversionVerbs]) add(verb);
  return backups;
}
