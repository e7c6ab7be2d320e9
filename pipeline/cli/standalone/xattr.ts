import { getRawAsset } from 'node:sea';
import { loadAddon } from './addon.js';

/** In the standalone executable this stands in for the package @napi-rs/xattr, whose native code is an asset there. */
export const { listAttributesSync, getAttributeSync, setAttributeSync, removeAttributeSync } = loadAddon(
  new Uint8Array(getRawAsset('xattr.node') as ArrayBuffer),
  'extended attributes',
) as typeof import('@napi-rs/xattr');
