import type { GuestPath } from '../../image/image.js';
import type { Evidence } from '../evidence.js';

/** A program an agent needs to run, and whether the guest has it. */
export interface Requirement {
  /** "python3", "module cryptography", "/usr/share/nova-agent/1.39.1/sbin/nova-agent". */
  readonly what: string;
  readonly found: boolean;
  /** Where it was found, or the file that asks for it. */
  readonly evidence: Evidence;
}

/** An installed nova-agent, of one of two generations that share nothing but the protocol. */
export interface Agent {
  readonly generation: 1 | 2;
  /**
   * zipapp: one-file pyz. site-packages: Python package with a console script. tree: 1.x's /usr/share/nova-agent.
   * program: what a service starts under the agent's name and nothing more is known of: a wrapper, a frozen binary.
   */
  readonly form: 'zipapp' | 'site-packages' | 'tree' | 'program';
  /** "2.1.25", "1.39.1"; undefined when nothing says. */
  readonly version: string | undefined;
  /** How the version is known: the zip's __init__.py, METADATA, the package database, the directory's name … */
  readonly versionFrom: Evidence | undefined;
  /** /usr/bin/nova-agent (2.x), /usr/sbin/nova-agent (1.x), or what the service starts. */
  readonly program: GuestPath;
  /** The names its service can have, the likeliest first: nova-agent, python3-nova-agent, python-nova-agent. */
  readonly serviceNames: readonly string[];
  /** Interpreter, modules, bundled libraries. Every entry with `found: false` keeps the agent from starting. */
  readonly requirements: readonly Requirement[];
  /** 1.x: what the links and the init script say the version is; all must agree. Empty for 2.x. */
  readonly links: readonly {
    readonly path: GuestPath;
    readonly line?: number;
    readonly version: string | undefined;
    readonly broken: boolean;
  }[];
}
