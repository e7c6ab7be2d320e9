import {
  appendFileSync,
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { edit, linkInto, take } from '../guests/healthy.js';
import { sh } from '../support/real-roots.js';

/** A root file system, as a row changes it. Every path is the guest's. What a row takes or edits must be there. */
export class Root {
  constructor(readonly path: string) {}

  /** Writes a file in the place of whatever is there. */
  put(path: string, text: string | Buffer, mode = 0o644): this {
    const at = join(this.path, path);
    mkdirSync(dirname(at), { recursive: true });
    rmSync(at, { force: true });
    writeFileSync(at, text);
    chmodSync(at, mode);
    return this;
  }

  /** A shell script that may be run. */
  script(path: string, ...lines: readonly string[]): this {
    return this.put(path, ['#!/bin/sh', ...lines, ''].join('\n'), 0o755);
  }

  append(path: string, text: string): this {
    appendFileSync(join(this.path, path), text);
    return this;
  }

  edit(path: string, from: string | RegExp, to: string): this {
    edit(this.path, path, from, to);
    return this;
  }

  take(...paths: readonly string[]): this {
    take(this.path, ...paths);
    return this;
  }

  link(path: string, target: string): this {
    linkInto(this.path, path, target);
    return this;
  }

  mode(path: string, mode: number): this {
    chmodSync(join(this.path, path), mode);
    return this;
  }

  folder(path: string): this {
    mkdirSync(join(this.path, path), { recursive: true });
    return this;
  }

  has(path: string): boolean {
    return existsSync(join(this.path, path));
  }

  read(path: string): string {
    return readFileSync(join(this.path, path), 'utf8');
  }

  /** Runs a program of the guest. */
  run(program: string, ...args: readonly string[]): string {
    return sh('chroot', this.path, program, ...args);
  }

  /** A unit of the administrator's, line by line. */
  unit(name: string, ...lines: readonly string[]): this {
    return this.put(`/etc/systemd/system/${name}`, `${lines.join('\n')}\n`);
  }

  /** A drop-in of the administrator's. */
  dropIn(unit: string, ...lines: readonly string[]): this {
    return this.put(`/etc/systemd/system/${unit}.d/50-local.conf`, `${lines.join('\n')}\n`);
  }

  /** What `systemctl enable` does where a unit says so. */
  want(unit: string, by = 'multi-user.target', of = `/etc/systemd/system/${unit}`): this {
    return this.link(`/etc/systemd/system/${by}.wants/${unit}`, of);
  }

  mask(unit: string): this {
    return this.link(`/etc/systemd/system/${unit}`, '/dev/null');
  }
}
