import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from '@jest/globals';
import { appendLine, failureFile, idsIn, linesOf } from '../../../workbench/generate/site-record.ts';

const folder = mkdtempSync(join(tmpdir(), 'site-record-'));
afterAll(() => rmSync(folder, { recursive: true }));

describe('a file of finished sites', () => {
  test('that is not there yet has none', () => {
    expect(idsIn(join(folder, 'none.jsonl'))).toEqual(new Set());
  });

  test('a line cut short by a crash is computed again, and what follows begins on a line of its own', () => {
    const file = join(folder, 'cut.jsonl');
    writeFileSync(file, '{"id":"a"}\n{"id":"b","mu":[0.1,');
    expect(idsIn(file)).toEqual(new Set(['a']));
    appendLine(file, { id: 'b' });
    appendLine(file, { id: 'c' });
    expect(idsIn(file)).toEqual(new Set(['a', 'b', 'c']));
    expect(readFileSync(file, 'utf8').split('\n').slice(-3)).toEqual(['{"id":"b"}', '{"id":"c"}', '']);
    expect(linesOf(file)).toHaveLength(3);
  });

  test('its failures are beside it', () => {
    expect(failureFile('x/sites.jsonl')).toBe('x/sites.failed.jsonl');
    expect(failureFile('x/sites')).toBe('x/sites.failed.jsonl');
  });
});
