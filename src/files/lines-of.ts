import { createReadStream } from 'node:fs';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { encodingOf } from '../formats/decode-text.ts';

/**
 * A line that is longer is none: a scan of a hundred thousand points takes some megabytes, and parsed JSON may take
 * fifty times its text.
 */
const MOST_CHARACTERS = 16 * 1024 * 1024;

type Options = { readonly zipped?: boolean; readonly most?: number | undefined };

/**
 * The lines of a file without their ends and without a byte order mark, one after the other as they are asked for; of a
 * file that is zipped those of what it unzips to. UTF-8, or UTF-16 as `encodingOf` finds it.
 * @throws Error where a line has more than `most` characters, and where the file cannot be read on
 */
export async function* linesOf(
  file: string,
  { zipped = false, most = MOST_CHARACTERS }: Options = {},
): AsyncGenerator<string> {
  let decoder: InstanceType<typeof TextDecoder> | null = null; // leaves a byte order mark out
  let rest = '';
  for await (const bytes of streamOf(file, zipped)) {
    decoder ??= new TextDecoder(encodingOf(bytes as Buffer));
    const [first = '', ...others] = decoder.decode(bytes as Buffer, { stream: true }).split('\n');
    rest += first; // what came before is not searched again
    if (rest.length > most) throw new Error(`a line of more than ${most} characters`);
    for (const line of others) {
      yield withoutReturn(rest);
      rest = line;
    }
  }
  rest += decoder?.decode() ?? '';
  if (rest !== '') yield withoutReturn(rest);
}

function streamOf(file: string, zipped: boolean): Readable {
  const stream = createReadStream(file);
  return zipped ? pipeline(stream, createGunzip(), () => {}) : stream;
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
