/** What a kernel module says about itself (MODULE_INFO: `key=value` strings in the ELF section `.modinfo`). */
export interface ModuleInfo {
  readonly depends: readonly string[];
  /** Modules named by MODULE_SOFTDEP, before or after: wanted, but not required to load this one. */
  readonly softDepends: readonly string[];
  readonly aliases: readonly string[];
}

/** One module of a boot image: its path below lib/modules/RELEASE, its bytes, and its dependencies. */
export interface PlacedModule {
  readonly name: string;
  readonly path: string;
  readonly data: Uint8Array;
  readonly info: ModuleInfo;
}

/** The kernel treats `-` and `_` as the same in module names. */
export const moduleName = (path: string): string =>
  (path.split('/').at(-1) ?? '').replace(/\.ko(\.(xz|zst|gz))?$/, '').replaceAll('-', '_');

/**
 * Reads `.modinfo` of a 64-bit little-endian ELF object (ELF-64 object file format, sections 3 and 4); empty when there
 * is none.
 */
export function readModuleInfo(elf: Uint8Array): ModuleInfo {
  const strings = new TextDecoder('latin1').decode(section(elf, '.modinfo')).split('\0');
  const values = (key: string) =>
    strings.filter((text) => text.startsWith(`${key}=`)).map((text) => text.slice(key.length + 1));
  const words = (texts: string[]) => texts.flatMap((text) => text.split(/[\s,]+/)).filter((word) => word !== '');
  return {
    depends: words(values('depends')).map(moduleName),
    softDepends: words(values('softdep'))
      .filter((word) => !/^(pre|post):$/.test(word))
      .map(moduleName),
    aliases: values('alias'),
  };
}

function section(elf: Uint8Array, wanted: string): Uint8Array {
  const view = new DataView(elf.buffer, elf.byteOffset, elf.byteLength);
  if (elf.byteLength < 64 || view.getUint32(0) !== 0x7f454c46) return new Uint8Array();
  // e_shoff at 0x28, e_shentsize 0x3a, e_shnum 0x3c, e_shstrndx 0x3e; sh_name at 0, sh_offset 0x18, sh_size 0x20.
  const table = Number(view.getBigUint64(0x28, true));
  const [entrySize, count, namesAt] = [0x3a, 0x3c, 0x3e].map((at) => view.getUint16(at, true)) as [
    number,
    number,
    number,
  ];
  const body = (index: number) => {
    const at = table + index * entrySize;
    if (at + 0x28 > elf.byteLength) return new Uint8Array();
    const start = Number(view.getBigUint64(at + 0x18, true));
    return elf.subarray(start, start + Number(view.getBigUint64(at + 0x20, true)));
  };
  const names = new TextDecoder('latin1').decode(body(namesAt));
  for (let index = 0; index < count; index += 1) {
    const at = table + index * entrySize;
    if (at + 4 > elf.byteLength) break;
    const nameAt = view.getUint32(at, true);
    if (names.slice(nameAt, names.indexOf('\0', nameAt)) === wanted) return body(index);
  }
  return new Uint8Array();
}

/**
 * The modules in `wanted` and their dependencies, in load order: a dependency comes first. `find` returns a module by
 * name, or undefined if it is built in or missing; a missing wanted module is an error.
 */
export async function moduleClosure(
  wanted: readonly string[],
  find: (name: string) => Promise<PlacedModule | undefined>,
  isBuiltIn: (name: string) => boolean,
): Promise<PlacedModule[]> {
  const placed = new Map<string, PlacedModule>();
  const visit = async (name: string, neededBy: string | undefined): Promise<void> => {
    if (placed.has(name) || isBuiltIn(name)) return;
    const module = await find(name);
    if (!module)
      throw new Error(
        `kernel module ${name}${neededBy === undefined ? '' : `, which ${neededBy} needs,`} is neither in the kernel package nor built in`,
      );
    for (const dependency of module.info.depends) await visit(dependency, name);
    placed.set(name, module);
    for (const soft of module.info.softDepends) if (isBuiltIn(soft) || (await find(soft))) await visit(soft, name);
  };
  for (const name of wanted) await visit(moduleName(name), undefined);
  return [...placed.values()];
}

/**
 * Text of modules.dep for modprobe (modules.dep(5)): each module and all its dependencies; modprobe loads from the
 * right.
 */
export function modulesDep(modules: readonly PlacedModule[]): string {
  const byName = new Map(modules.map((module) => [module.name, module]));
  const collect = (module: PlacedModule, into: Set<string>): Set<string> => {
    for (const name of module.info.depends) {
      const dependency = byName.get(name);
      if (dependency && !into.has(dependency.path)) collect(dependency, into).add(dependency.path);
    }
    return into;
  };
  return modules
    .map(
      (module) =>
        `${module.path}:${[...collect(module, new Set())]
          .reverse()
          .map((path) => ` ${path}`)
          .join('')}\n`,
    )
    .join('');
}

/** Text of modules.alias for modprobe. */
export function modulesAlias(modules: readonly PlacedModule[]): string {
  return modules.flatMap((module) => module.info.aliases.map((alias) => `alias ${alias} ${module.name}\n`)).join('');
}
