import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { EVENT_FORMATS, exportEvents } from '../../src/doors/export-events.ts';
import { answerJson } from './answer-json.ts';
import type { RedisReader } from './redis-reader.ts';

/** What an export costs, in points. */
export const EXPORT_POINTS = 100;
const MOST_SCANS = 500;
const TYPES = { csv: 'text/csv; charset=utf-8', nexus: 'application/x-hdf5' } as const;

/**
 * GET /export?sample=S&format=csv or nexus, with &run=R of that run alone: the newest 500 scans of the sample whose
 * events Redis still holds, the oldest first.
 */
export async function sampleExport(
  request: IncomingMessage,
  response: ServerResponse,
  reader: RedisReader,
): Promise<void> {
  const words = new URL(request.url ?? '', 'http://localhost').searchParams;
  const [sampleId, runId, format] = [words.get('sample'), words.get('run'), words.get('format')];
  if (!sampleId || !isFormat(format))
    return answerJson(response, 400, { error: 'Expected sample, and format csv or nexus' });
  const events = await reader.eventsOf(sampleId, runId, MOST_SCANS);
  if (events.length === 0) return answerJson(response, 404, { error: 'Redis holds no scan of this sample' });
  const folder = await mkdtemp(join(tmpdir(), 'xanes-export-'));
  try {
    const path = join(folder, `scans${EVENT_FORMATS[format].extension}`);
    await exportEvents(events, format, path);
    const name = `${sampleId.replace(/[^\w.-]+/g, '_').slice(0, 80)}${EVENT_FORMATS[format].extension}`;
    response.writeHead(200, {
      'content-type': TYPES[format],
      'content-disposition': `attachment; filename="${name}"`,
      'cache-control': 'no-store',
    });
    response.end(await readFile(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const isFormat = (format: string | null): format is keyof typeof EVENT_FORMATS =>
  format !== null && Object.hasOwn(EVENT_FORMATS, format);
