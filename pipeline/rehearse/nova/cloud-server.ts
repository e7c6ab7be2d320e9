import type { InjectedFile, Interface, Scenario } from '../scenario.js';
import type { Expectation } from './performance.js';
import type { Secret } from './secret.js';
import { expectedOf } from './vm-data.js';

/** A server as its cloud believes it to be: what it was given so far. */
export class CloudServer {
  readonly #hostName: string;
  readonly #interfaces: Interface[];
  #removed: readonly Interface[] = [];
  #files: readonly InjectedFile[] = [];
  #password: Secret | undefined;
  #networkReset = false;

  constructor({ hostName, interfaces }: Scenario) {
    this.#hostName = hostName;
    this.#interfaces = [...interfaces];
  }

  add(one: Interface): void {
    this.#interfaces.push(one);
    this.#removed = this.#removed.filter(({ mac }) => mac !== one.mac);
    this.#networkReset = false;
  }

  /** @throws {RangeError} when it has no such network; a scenario that was read has no such mistake */
  remove(label: string): Interface {
    const at = this.#interfaces.findIndex((one) => one.label === label);
    const [one] = at < 0 ? [] : this.#interfaces.splice(at, 1);
    if (!one) throw new RangeError(`no network is called ${label}`);
    this.#removed = [...this.#removed, one];
    this.#networkReset = false;
    return one;
  }

  /** The guest was asked to configure its network as it is now. */
  reset(): void {
    this.#networkReset = true;
  }

  inject(file: InjectedFile): void {
    this.#files = [...this.#files.filter(({ path }) => path !== file.path), file];
  }

  set password(password: Secret) {
    this.#password = password;
  }

  /** What must be true of the guest by now. */
  get expected(): Expectation {
    return {
      hostName: this.#hostName,
      password: this.#password,
      files: this.#files,
      networkReset: this.#networkReset,
      interfaces: this.#interfaces.map(expectedOf),
      removed: this.#removed.map(expectedOf),
    };
  }
}
