import { ImageError } from '../../images/errors.js';
import type { RehearsalOrder } from './order.js';
import type { Rehearsed } from './rehearse.js';

export async function rehearseCloudInit(_order: RehearsalOrder): Promise<Rehearsed> {
  throw new ImageError('unsupported', 'cloud-init cannot be rehearsed yet');
}
