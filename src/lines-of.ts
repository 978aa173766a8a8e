import { createReadStream } from 'node:fs';

/** A line that is longer is none: a scan of a hundred thousand points takes some megabytes. */
const MOST_CHARACTERS = 64 * 1024 * 1024;

/**
 * The lines of a file without their ends and without a byte order mark, one after the other as they are asked for.
 * @throws Error where a line has more than `most` characters, and where the file cannot be read on
 */
export async function* linesOf(file: string, most = MOST_CHARACTERS): AsyncGenerator<string> {
  const decoder = new TextDecoder(); // leaves a byte order mark out
  let rest = '';
  for await (const bytes of createReadStream(file)) {
    const lines = (rest + decoder.decode(bytes as Buffer, { stream: true })).split('\n');
    rest = lines.pop()!;
    if (rest.length > most) throw new Error(`a line of more than ${most} characters`);
    for (const line of lines) yield withoutReturn(line);
  }
  rest += decoder.decode();
  if (rest !== '') yield withoutReturn(rest);
}

const withoutReturn = (line: string): string => (line.endsWith('\r') ? line.slice(0, -1) : line);
