import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';

const css = readFileSync(join(import.meta.dirname, '../../../dashboard/client/src/styles.css'), 'utf8');
const variables = (selector: string) => {
  const [, block = ''] = css.split(`${selector} {`);
  return Object.fromEntries(
    [...block.slice(0, block.indexOf('}')).matchAll(/--([a-z-]+): (#[0-9a-f]{6})/g)].map((m) => [
      m[1]!,
      m[2]!,
    ]),
  );
};
const dark = variables(':root');
const light = { ...dark, ...variables(':root[data-theme="light"]') };

function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const c = Number.parseInt(hex.slice(at, at + 2), 16) / 255;
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
}

function contrast(a: string, b: string): number {
  const [high, low] = [luminance(a), luminance(b)].sort((x, y) => y - x);
  return (high! + 0.05) / (low! + 0.05);
}

describe.each([
  ['dark', dark],
  ['light', light],
] as const)('WCAG AA, %s', (_, theme) => {
  test.each(['panel', 'page', 'raised'])('text on %s', (ground) => {
    expect(contrast(theme.ink!, theme[ground]!)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(theme.dim!, theme[ground]!)).toBeGreaterThanOrEqual(4.5);
  });

  test('alarms', () => {
    expect(contrast(theme['alarm-ink']!, theme['alarm-page']!)).toBeGreaterThanOrEqual(4.5);
  });

  test.each(['accept', 'flag', 'reject', 'focus'])('the shape of %s on every ground', (name) => {
    for (const ground of ['panel', 'page', 'raised']) {
      expect(contrast(theme[name]!, theme[ground]!)).toBeGreaterThanOrEqual(3);
    }
  });
});
