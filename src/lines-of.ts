import { closeSync, createReadStream, openSync, readSync } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { encodingOf } from './formats/decode-text.ts';
import { isZipped } from './formats/kind-of-file.ts';

/** A line that is longer is none: a scan of a hundred thousand points takes some megabytes. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

/**
 * The lines of a file without their ends and without a byte order mark, one after the other as they are asked for; of a
 * file that is zipped those of what it unzips to. UTF-8, or UTF-16 as `encodingOf` finds it.
 * @throws Error where a line has more than `most` characters, and where the file cannot be read on
 */
export async function* linesOf(file: string, most = MOST_CHARACTERS): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | null = null; // leaves a byte order mark out
  let rest = '';
  for await (const bytes of streamOf(file)) {
    decoder ??= new TextDecoder(encodingOf(bytes as Buffer));
    const lines = (rest + decoder.decode(bytes as Buffer, { stream: true })).split('\n');
    rest = lines.pop()!;
    if (rest.length > most) throw new Error(`a line of more than ${most} characters`);
    for (const line of lines) yield withoutReturn(line);
  }
  rest += decoder?.decode() ?? '';
  if (rest !== '') yield withoutReturn(rest);
}

function streamOf(file: string): Readable {
  const stream = createReadStream(file);
  return isZipped(firstTwo(file)) ? pipeline(stream, createGunzip(), () => {}) : stream;
}

function firstTwo(file: string): Buffer {
  const bytes = Buffer.alloc(2);
  const handle = openSync(file, 'r');
  try {
    readSync(handle, bytes, 0, 2, 0);
    return bytes;
  } finally {
    closeSync(handle);
  }
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
