import { z } from 'zod';
import type { ListedBundle } from './listed-bundle.ts';

/** The list of an http(s) registry, since a web server has none of its own. */
export const REGISTRY_FILE = 'registry.json';

const schema = z.strictObject({
  format: z.literal(1),
  bundles: z.array(
    z.strictObject({
      folder: z.string().regex(/^[\w-][\w.-]*$/, 'Expected the name of a folder'),
      id: z.string().min(1),
      hash: z.string().regex(/^[0-9a-f]{64}$/, 'Expected 64 hex digits'),
    }),
  ),
});

/** @throws Error that names the field which is wrong */
export function parseRegistryJson(json: string): readonly ListedBundle[] {
  const parsed = schema.safeParse(JSON.parse(json));
  if (!parsed.success) throw new Error(z.prettifyError(parsed.error).replaceAll('\n', ' '));
  return parsed.data.bundles;
}

export const registryJson = (bundles: readonly ListedBundle[]): string =>
  `${JSON.stringify({ format: 1, bundles }, null, 2)}\n`;
