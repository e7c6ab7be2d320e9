import { type GrubCommand, type GrubWord, parseGrubScript } from '../../formats/grub-script.js';
import { parseGrubEnvironment } from '../../formats/grub-environment.js';
import type { GuestPath, Image } from '../../image/image.js';
import { parentOf } from '../../image/resolve.js';
import { type GuestText, textAt } from '../texts.js';
import type { BootEntry, BootMenu, BootWord, Place } from './entry.js';
import { grubOrder, loaderEntries } from './loader-entries.js';
import { loaderFile } from './loader-files.js';

/** Commands carried out for one menu, and files read: a hostile configuration may read itself. */
const most = { commands: 20_000, files: 64, depth: 20 };

/** What GRUB 2 sets before it reads its configuration (grub-core/normal/main.c, `features`). */
const features = [
  'chainloader_bpb',
  'ntldr',
  'platform_search_hint',
  'default_font_path',
  'all_video_module',
  'menuentry_id',
  'menuentry_options',
  '200_final',
  'nativedisk_cmd',
  'timeout_style',
];

interface Value {
  readonly value: string;
  readonly evidence: Place;
}

/** An entry or a submenu, in the order of the menu. */
interface Item {
  readonly title: string;
  readonly id: string | undefined;
  readonly entry: BootEntry | undefined;
  readonly below: readonly Item[];
  /** What `default` is within the submenu. */
  readonly chosenBelow: string;
}

/** Carries out a grub.cfg as GRUB 2 would, for the menu that it makes. Undefined when there is no such file. */
export async function grubMenu(image: Image, path: GuestPath): Promise<BootMenu | undefined> {
  const [text] = await textAt(image, path);
  if (!text) return undefined;
  const run = new GrubRun(image, path);
  await run.start(text);
  // A configuration without a menu boots what its own commands say.
  const chosen = choose(run.items, run.value('default')) ?? run.entry('');
  const timeout = run.value('timeout');
  return {
    path,
    entries: run.items.length > 0 ? entriesOf(run.items) : chosen ? [chosen] : [],
    chosen,
    waits: timeout === '' || timeout.startsWith('-'),
    texts: run.texts,
  };
}

function entriesOf(items: readonly Item[]): BootEntry[] {
  return items.flatMap(({ entry, below }) => [...(entry ? [entry] : []), ...entriesOf(below)]);
}

/**
 * `default` is a number, a title or an id, and for an entry of a submenu a chain of these (GNU GRUB manual, "default").
 * What fits none is the first.
 */
function choose(items: readonly Item[], wanted: string): BootEntry | undefined {
  const [first = '', ...rest] = wanted.split('>');
  const number = /^\s*\d+\s*$/.test(first) ? Number(first) : undefined;
  const item =
    (number === undefined
      ? items.find(({ id, title }) => first !== '' && (id === first || title === first))
      : items[number]) ?? items[0];
  if (!item) return undefined;
  return item.entry ?? choose(item.below, rest.length > 0 ? rest.join('>') : item.chosenBelow);
}

class GrubRun {
  items: Item[] = [];
  readonly texts: GuestText[] = [];
  readonly #image: Image;
  #variables = new Map<string, Value>();
  readonly #functions = new Map<string, readonly GrubCommand[]>();
  /** What the entry that is being looked into gives the kernel. */
  #kernel: { readonly evidence: Place; readonly words: readonly BootWord[] } | undefined;
  /** Of the submenus around what is being carried out. */
  #titles: readonly string[] = [];
  #path: GuestPath;
  #commands = 0;

  constructor(image: Image, path: GuestPath) {
    this.#image = image;
    this.#path = path;
    const folder = parentOf(path);
    const evidence = { path, line: 1 };
    const known = { prefix: folder, config_directory: folder, config_file: path };
    for (const [name, value] of Object.entries(known)) this.#variables.set(name, { value, evidence });
    for (const feature of features) this.#variables.set(`feature_${feature}`, { value: 'y', evidence });
  }

  value(name: string): string {
    return this.#variables.get(name)?.value ?? '';
  }

  /** What the commands so far would boot. */
  entry(title: string): BootEntry | undefined {
    return this.#kernel && { title, ...this.#kernel };
  }

  async start(text: GuestText): Promise<void> {
    this.texts.push(text);
    await this.#run(parseGrubScript(text.text), 0);
  }

  /** @returns whether the last of the commands succeeded */
  async #run(commands: readonly GrubCommand[], depth: number): Promise<boolean> {
    let held = true;
    for (const command of commands) {
      this.#commands += 1;
      if (this.#commands > most.commands || depth > most.depth) return false;
      held = command.branches ? await this.#branch(command, depth) : await this.#simple(command, depth);
    }
    return held;
  }

  async #branch({ branches = [] }: GrubCommand, depth: number): Promise<boolean> {
    for (const { test, body } of branches) {
      if (test.length > 0 && !(await this.#run(test, depth + 1))) continue;
      return this.#run(body, depth + 1);
    }
    return true;
  }

  async #simple(command: GrubCommand, depth: number): Promise<boolean> {
    const evidence: Place = { path: this.#path, line: command.line };
    const words = command.words.flatMap((word) => this.#expand(word, evidence));
    const [name = '', ...rest] = words.map(({ text }) => text);
    const assigned = /^(\w+)=([^]*)$/.exec(name === 'set' || name === 'export' ? (rest[0] ?? '') : name);
    if (assigned) {
      this.#variables.set(assigned[1] ?? '', { value: assigned[2] ?? '', evidence });
      return true;
    }
    switch (name) {
      case 'unset':
        this.#variables.delete(rest[0] ?? '');
        return true;
      case '[':
      case 'test':
        return this.#test(name === '[' && rest.at(-1) === ']' ? rest.slice(0, -1) : rest);
      case '!':
        return !(await this.#simple({ ...command, words: command.words.slice(1) }, depth));
      case 'true':
      case 'search':
      case 'insmod':
        return true;
      case 'function':
        this.#functions.set(rest[0] ?? '', command.body ?? []);
        return true;
      case 'menuentry':
      case 'submenu':
        await this.#item(name, rest, command.body ?? [], depth);
        return true;
      case 'linux':
      case 'linux16':
      case 'linuxefi':
      case 'linux_hdr':
        this.#kernel = { evidence, words: words.slice(2) };
        return true;
      case 'multiboot':
      case 'multiboot2':
      case 'xen_hypervisor':
        this.#kernel = undefined;
        return true;
      case 'module':
      case 'module2':
      case 'xen_linux':
      case 'xen_module':
        // The first module of a hypervisor is the kernel; `--nounzip` stands before its path.
        this.#kernel ??= { evidence, words: words.filter(({ text }) => text !== '--nounzip').slice(2) };
        return true;
      case 'load_env':
        return this.#loadEnvironment(rest);
      case 'source':
      case '.':
        return this.#source(rest[0] ?? '', depth);
      case 'configfile':
      case 'normal':
        return this.#configure(rest[0], depth);
      case 'blscfg':
        await this.#loaderEntries();
        return true;
      default: {
        const body = this.#functions.get(name);
        return body !== undefined && (await this.#run(body, depth + 1));
      }
    }
  }

  async #item(
    kind: 'menuentry' | 'submenu',
    args: readonly string[],
    body: readonly GrubCommand[],
    depth: number,
  ): Promise<void> {
    const { title, id } = namesOf(args);
    const outside = {
      items: this.items,
      kernel: this.#kernel,
      variables: this.#variables,
      titles: this.#titles,
    };
    [this.items, this.#kernel, this.#variables] = [[], undefined, new Map(this.#variables)];
    if (kind === 'submenu') this.#variables.delete('default');
    this.#titles = [...outside.titles, title];
    await this.#run(body, depth + 1);
    const entry = this.entry([...outside.titles, title].join(' > '));
    const item: Item = {
      title,
      id,
      entry: kind === 'menuentry' ? entry : undefined,
      below: this.items,
      chosenBelow: this.value('default'),
    };
    [this.items, this.#kernel, this.#variables] = [outside.items, outside.kernel, outside.variables];
    this.#titles = outside.titles;
    this.items.push(item);
  }

  #expand(word: GrubWord, here: Place): BootWord[] {
    const words: BootWord[] = [];
    let [text, evidence, open] = ['', here, false];
    const finish = (): void => {
      if (open) words.push({ text, evidence });
      [text, evidence, open] = ['', here, false];
    };
    for (const part of word) {
      if ('text' in part) {
        text += part.text;
        open = true;
        continue;
      }
      const known = this.#variables.get(part.variable);
      if (part.quoted) {
        text += known?.value ?? '';
        open = true;
        continue;
      }
      // Only what is a word of its own stands in the variable's line.
      const pieces = (known?.value ?? '').split(/([ \t\n]+)/);
      for (const piece of pieces) {
        if (piece === '') continue;
        if (piece.trim() === '') finish();
        else {
          if (!open && known) evidence = known.evidence;
          text += piece;
          open = true;
        }
      }
    }
    finish();
    return words;
  }

  /** `[ … ]` (GNU GRUB manual, "test"); what is not known does not hold. */
  async #test(args: readonly string[]): Promise<boolean> {
    const or = args.indexOf('-o');
    if (or >= 0) return (await this.#test(args.slice(0, or))) || (await this.#test(args.slice(or + 1)));
    const and = args.indexOf('-a');
    if (and >= 0) return (await this.#test(args.slice(0, and))) && (await this.#test(args.slice(and + 1)));
    const [first = '', second = '', third = ''] = args;
    if (first === '!') return !(await this.#test(args.slice(1)));
    if (args.length === 1) return first !== '';
    if (args.length === 2) {
      if (first === '-z') return second === '';
      if (first === '-n') return second !== '';
      const path = await this.#find(second);
      const entry = path && (await this.#image.stat(path));
      if (first === '-d') return entry?.type === 'directory';
      if (first === '-s') return entry !== undefined && entry.size > 0;
      return (first === '-f' && entry?.type === 'file') || (first === '-e' && entry !== undefined);
    }
    const [left, right] = [Number(first), Number(third)];
    switch (second) {
      case '=':
      case '==':
        return first === third;
      case '!=':
        return first !== third;
      case '-eq':
        return left === right;
      case '-ne':
        return left !== right;
      case '-lt':
        return left < right;
      case '-le':
        return left <= right;
      case '-gt':
        return left > right;
      case '-ge':
        return left >= right;
      default:
        return false;
    }
  }

  /**
   * Where a path of GRUB's lies in the guest. Its device is not known, and /boot or the EFI system partition may be file
   * systems of their own.
   */
  async #find(written: string): Promise<GuestPath | undefined> {
    const path = written.replace(/^\([^)]*\)/, '').replace(/^\/*/, '/') as GuestPath;
    const places: readonly GuestPath[] = [path, `/boot${path}`, `/boot/efi${path}`];
    for (const place of places) if (await this.#image.stat(place)) return place;
    return undefined;
  }

  async #read(written: string): Promise<GuestText | undefined> {
    if (written === '' || this.texts.length >= most.files) return undefined;
    const path = await this.#find(written);
    const text = path && (await loaderFile(this.#image, path));
    if (text) this.texts.push(text);
    return text;
  }

  async #loadEnvironment(args: readonly string[]): Promise<boolean> {
    const option = args.findIndex((arg) => arg === '-f' || arg === '--file');
    const named = args.find((arg) => arg.startsWith('--file='))?.slice('--file='.length);
    const written = named ?? (option < 0 ? undefined : args[option + 1]) ?? `${this.value('prefix')}/grubenv`;
    const file = await this.#read(written);
    for (const { name, value, line } of parseGrubEnvironment(file?.text ?? ''))
      this.#variables.set(name, { value, evidence: { path: file?.path ?? '/', line } });
    return file !== undefined;
  }

  async #source(written: string, depth: number): Promise<boolean> {
    const file = await this.#read(written);
    if (!file) return false;
    const outside = this.#path;
    this.#path = file.path;
    await this.#run(parseGrubScript(file.text), depth + 1);
    this.#path = outside;
    return true;
  }

  /** A configuration of its own, whose menu takes this one's place. */
  async #configure(written: string | undefined, depth: number): Promise<boolean> {
    const before = this.items;
    this.items = [];
    const found = await this.#source(written ?? `${this.value('prefix')}/grub.cfg`, depth);
    if (this.items.length === 0) this.items = before;
    return found;
  }

  /** Red Hat's `blscfg`: the entries of the Boot Loader Specification, newest first, with variables filled in. */
  async #loaderEntries(): Promise<void> {
    const folder = await this.#find(this.value('blsdir') || '/loader/entries');
    const entries = folder ? await loaderEntries(this.#image, folder) : [];
    for (const { file, id, title, options, line } of entries.sort(grubOrder)) {
      this.texts.push(file);
      const evidence: Place = { path: file.path, line };
      const given = options ?? [{ value: '$default_kernelopts', line }];
      const words = given.flatMap(({ value, line: at }) =>
        (parseGrubScript(value)[0]?.words ?? []).flatMap((word) =>
          this.#expand(word, { path: file.path, line: at }),
        ),
      );
      this.items.push({ title, id, entry: { title, evidence, words }, below: [], chosenBelow: '' });
    }
  }
}

/** Title and id of a menuentry or submenu; other options have values as well. */
function namesOf(args: readonly string[]): { title: string; id: string | undefined } {
  let title: string | undefined;
  let id: string | undefined;
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? '';
    if (arg === '--id') id = args[(at += 1)];
    else if (arg.startsWith('--id=')) id = arg.slice('--id='.length);
    else if (/^--(?:class|users|hotkey|source)$/.test(arg)) at += 1;
    else if (!arg.startsWith('--')) title ??= arg;
  }
  return { title: title ?? '', id };
}
