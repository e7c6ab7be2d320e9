/** The library: what the command does, for other programs. */
export { HallmarkError, ImageError, RepairError, UsageError } from '../images/errors.js';
export { type Report, exitCodeOf } from './report.js';
export { render } from './reporters/index.js';
export type { Request } from './request.js';
export { run } from './run.js';
