import type { IncomingMessage, ServerResponse } from 'node:http';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { DrawnMap, MapOfModel } from '../../src/doors/map-of-model.ts';
import type { TrainingMap } from '../protocol/events.ts';
import { answerJson } from './answer-json.ts';

/** What a map costs, in points: a model may have to be fetched for it. */
export const MAP_POINTS = 20;
const MAPS_HELD = 8;
const HASH_START = /^[0-9a-f]{8,64}$/;

/**
 * GET /map?model=HASH: a TrainingMap, or null where this server has no such model or it has no map. What a hash names
 * never changes, so that a browser keeps the map.
 */
export function trainingMaps(mapOf: MapOfModel) {
  const held = new Map<string, Buffer>();

  async function read(hashStart: string): Promise<Buffer | null> {
    const found = held.get(hashStart);
    if (found !== undefined) return found;
    const map = await mapOf(hashStart);
    if (map === null) return null;
    const body = await promisify(gzip)(JSON.stringify(compact(map)));
    held.set(hashStart, body);
    if (held.size > MAPS_HELD) held.delete(held.keys().next().value!);
    return body;
  }

  return async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const hashStart = new URL(request.url ?? '', 'http://localhost').searchParams.get('model') ?? '';
    if (!HASH_START.test(hashStart))
      return answerJson(response, 400, { error: 'Expected model, 8 to 64 hexadecimal digits' });
    const body = await read(hashStart);
    if (body === null) {
      response.setHeader('cache-control', 'no-store'); // another model may come
      return answerJson(response, 200, null);
    }
    response.writeHead(200, {
      'content-type': 'application/json',
      'content-encoding': 'gzip',
      'cache-control': 'private, max-age=31536000, immutable',
    });
    response.end(body);
  };
}

/** To hundredths: a map is some twenty units wide. */
function compact({ element, x, y, labels }: DrawnMap): TrainingMap {
  const elements = [...new Set(element)];
  const hundredths = (value: number) => Math.round(100 * value) / 100;
  return {
    elements,
    element: element.map((name) => elements.indexOf(name)),
    x: x.map(hundredths),
    y: y.map(hundredths),
    labels,
  };
}
