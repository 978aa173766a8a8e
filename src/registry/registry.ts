import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileRegistry } from './file-registry.ts';
import { httpRegistry } from './http-registry.ts';
import type { Registry } from './listed-bundle.ts';
import { type S3Settings, s3Registry } from './s3-registry.ts';

export type RegistrySettings = S3Settings & {
  /** A folder, or an http(s) address or a bucket (`s3://…`) with a registry.json. */
  readonly MODEL_REGISTRY: string;
  /** Folder that bundles of the latter two are kept in; none: one among temporary files. */
  readonly MODEL_CACHE?: string | undefined;
};

/** @throws FatalError where a bucket has no keys */
export function openRegistry(settings: RegistrySettings): Registry {
  const { MODEL_REGISTRY: address, MODEL_CACHE: cache = join(tmpdir(), 'xanes-models') } = settings;
  if (/^s3:\/\//i.test(address)) return s3Registry(address, cache, settings);
  return /^https?:\/\//i.test(address) ? httpRegistry(address, cache) : fileRegistry(address);
}
