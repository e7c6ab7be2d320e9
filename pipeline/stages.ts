import type { ReportedStage } from './report/report.js';

/** Runs stages, and remembers which and how long. */
export interface StageRunner {
  <T>(name: string, work: () => Promise<T>): Promise<T>;
  /** The stages so far; with durations only when asked, since they differ from run to run. */
  list(options: { readonly timings?: boolean | undefined }): ReportedStage[];
}

/**
 * @param onStage - told of each stage as it begins
 * @param signal - looked at before each stage begins: an interrupted run goes no further
 */
export function stages(onStage: (name: string) => void = () => undefined, signal?: AbortSignal): StageRunner {
  const done: { name: string; durationMs: number }[] = [];
  const runner = async <T>(name: string, work: () => Promise<T>): Promise<T> => {
    signal?.throwIfAborted();
    onStage(name);
    // Not performance.now(): the module behind it takes milliseconds to load, and few runs ask for durations.
    const start = process.hrtime.bigint();
    try {
      return await work();
    } finally {
      done.push({ name, durationMs: Math.round(Number(process.hrtime.bigint() - start) / 1e6) });
    }
  };
  const list: StageRunner['list'] = ({ timings }) =>
    timings ? [...done] : done.map(({ name }) => ({ name }));
  return Object.assign(runner, { list });
}
