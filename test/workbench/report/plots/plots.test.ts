import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from '@jest/globals';
import { heatMap } from '../../../../workbench/report/plots/heat-map.ts';
import { lineChart } from '../../../../workbench/report/plots/line-chart.ts';
import { scatter } from '../../../../workbench/report/plots/scatter.ts';

const folder = mkdtempSync(join(tmpdir(), 'plots-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function drawn(draw: (file: string) => Promise<void>): Promise<string> {
  const file = join(folder, 'new', 'figure.svg');
  await draw(file);
  const svg = readFileSync(file, 'utf8');
  expect(svg.startsWith('<svg')).toBe(true);
  expect(svg).not.toContain('NaN');
  expect(svg).not.toContain('undefined');
  return svg;
}

const count = (svg: string, part: RegExp): number => svg.match(part)?.length ?? 0;

test('a line chart has its titles, a line a series and a gap where a value is missing', async () => {
  const draw = (second: number) => (file: string) =>
    lineChart({
      title: 'F1 against noise',
      x: 'sigma',
      y: 'weighted F1',
      file,
      series: [
        {
          name: 'OS',
          panel: 'all',
          points: [
            [0, 0.9],
            [0.05, second],
            [0.1, 0.6],
          ],
        },
        {
          name: 'target',
          panel: 'accepted',
          dashed: true,
          points: [
            [0, 0.95],
            [0.1, 0.95],
          ],
        },
      ],
    });
  const svg = await drawn(draw(0.8));
  for (const text of ['F1 against noise', 'sigma', 'weighted F1', 'all', 'accepted', 'OS', 'target']) {
    expect(svg).toContain(`>${text}</text>`);
  }
  expect(svg).toContain('stroke-dasharray="6,4"');
  const marks = (text: string) => count(text, /aria-roledescription="point"/g);
  expect(marks(svg)).toBe(5);
  expect(marks(await drawn(draw(Number.NaN)))).toBe(4);
});

test('a heat map writes its numbers but for zeros, and colours by the share of the row', async () => {
  const svg = await drawn((file) =>
    heatMap({
      title: 'OS',
      x: 'predicted',
      y: 'true',
      columns: [2, 10],
      rows: [2, 10],
      values: [
        [31, 0],
        [7, 7],
      ],
      file,
    }),
  );
  expect(svg).toContain('>31</text>');
  expect(count(svg, />7<\/text>/g)).toBe(2);
  expect(count(svg, />0<\/text>/g)).toBe(0);
  expect(svg).toContain('rgb(8, 81, 156)'); // all of its row
  expect(svg).toContain('rgb(255, 255, 255)');
});

test('a scatter plot draws every point, in the order of its classes, on equal axes with a diagonal', async () => {
  const points = Array.from({ length: 40 }, (_, i) => ({
    x: i,
    y: 40 - i,
    value: i < 4 ? null : `${1 + (i % 12)}`,
  }));
  const svg = await drawn((file) =>
    scatter({ title: 'CN', x: 'true', y: 'predicted', value: 'CN', points, diagonal: true, file }),
  );
  expect(count(svg, /aria-roledescription="point"/g)).toBe(40);
  expect(svg.indexOf('>10</text>', svg.indexOf('>9</text>'))).toBeGreaterThan(0);
  expect(svg).toContain('stroke-dasharray="6,4"');
});

test('a scatter plot without classes has no legend, and one without axes no ticks', async () => {
  const points = [0.25, 0.5, 0.75].map((x) => ({ x, y: x * x }));
  const plain = await drawn((file) => scatter({ title: 'MOOD', x: 'true', y: 'predicted', points, file }));
  expect(count(plain, /role-legend"/g)).toBe(0);
  const bare = await drawn((file) => scatter({ title: 'Map', x: '', y: '', points, bare: true, file }));
  expect(count(bare, /role-axis"/g)).toBe(0);
});
