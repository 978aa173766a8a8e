import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileRegistry } from './file-registry.ts';
import { httpRegistry } from './http-registry.ts';
import type { Registry } from './listed-bundle.ts';

/**
 * @param address a folder, or an http(s) address with a registry.json
 * @param cache folder that bundles of an http(s) address are kept in; none: one among temporary files
 */
export const openRegistry = (address: string, cache = join(tmpdir(), 'xanes-models')): Registry =>
  /^https?:\/\//i.test(address) ? httpRegistry(address, cache) : fileRegistry(address);
