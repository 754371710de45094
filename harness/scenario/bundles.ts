/**
 * Bundles of vm-images that a scenario can serve, by name. A copy, since this folder imports no recipes: a test holds it
 * against the recipes.
 */
export const SERVED_BUNDLES = ['boot-files/wds'] as const;

/** Whether a `root` names a folder of the user's and no bundle. */
export function isFolder(root: string): boolean {
  return /^(\.{1,2}([\\/]|$)|[\\/])/.test(root);
}
