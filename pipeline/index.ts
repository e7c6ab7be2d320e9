/** The library: what the command does, for other programs. */
export type { ErrorCode } from '../images/base/error-codes.js';
export { HallmarkError, ImageError, RepairError, UsageError } from '../images/base/errors.js';
export { sourceAt } from '../images/sources/find.js';
export type { ImageSource } from '../images/sources/source.js';
export { type Report, exitCodeOf } from './report/report.js';
export { render } from './report/index.js';
export type { Request } from './request.js';
export { run } from './run.js';
