import type { ServerResponse } from 'node:http';

/** Ends a response with a line of JSON. */
export function answerJson(response: ServerResponse, code: number, body: unknown): void {
  response.writeHead(code, { 'content-type': 'application/json' });
  response.end(`${JSON.stringify(body)}\n`);
}
