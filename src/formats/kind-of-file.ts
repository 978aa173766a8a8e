import { constants, gunzipSync } from 'node:zlib';
import { isAthena } from './athena.ts';
import { decodeText } from './decode-text.ts';
import { isHdf5 } from './hdf5.ts';
import { isSpec } from './spec-file.ts';
import { isXdi } from './xdi.ts';

export type FileKind = 'JSON lines' | 'HDF5' | 'SPEC' | 'Athena project' | 'XDI' | 'columns';

const JSON_LINES = /\.jsonl(\.gz)?$/i;

/**
 * What a file is, by what is in it; only JSON lines are known by their name.
 * @param head its first bytes, 64 KB or all
 */
export function kindOfFile(name: string, head: Buffer): FileKind {
  if (JSON_LINES.test(name)) return 'JSON lines';
  if (isHdf5(head)) return 'HDF5';
  const text = decodeText(isZipped(head) ? unzippedStart(head) : head);
  if (isSpec(text)) return 'SPEC';
  if (isAthena(text)) return 'Athena project';
  return isXdi(text) ? 'XDI' : 'columns';
}

export const isZipped = (head: Buffer): boolean => head[0] === 0x1f && head[1] === 0x8b;

/** What the first bytes of a zipped file unzip to: a thousand times as much at the most. */
function unzippedStart(head: Buffer): Buffer {
  try {
    return gunzipSync(head, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: 128 * 1024 * 1024 });
  } catch {
    return Buffer.alloc(0);
  }
}
