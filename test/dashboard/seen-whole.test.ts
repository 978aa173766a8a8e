import { expect, test } from '@jest/globals';
import { until } from '../until.ts';
import { boxOf, dashboardBench, drawn, scans } from './dashboard-bench.ts';

// What a look at the built page found: colours that were misread, and what was cut.

const bench = dashboardBench(process.env.REDIS_URL_TEST ?? '');

test('spectra over time are in one ink in light too, where a build shortens the colour of the page', async () => {
  await bench.feed.scans(scans(0, 20));
  const { port } = await bench.start();
  const page = await bench.open(port, { hash: '#show=spectra' });
  await until(async () => (await drawn(page)) === 20);
  await page.getByRole('button', { name: /light and dark/ }).click();
  const colour = () =>
    page.evaluate(`(() => {
      const { width, height } = document.querySelector('.spectra canvas');
      const of = document.querySelector('.spectra canvas').getContext('2d');
      return [...of.getImageData(width >> 1, Math.round(0.75 * height), 1, 1).data];
    })()`) as Promise<readonly number[]>;
  await until(async () => (await colour())[3] === 255);
  const [red, green, blue] = await colour();
  expect(Math.max(red!, green!, blue!) - Math.min(red!, green!, blue!)).toBeLessThan(20);
});

test('the map is seen whole beneath the tabs', async () => {
  await bench.feed.scans(scans(0, 20));
  const { port } = await bench.start({ env: { MODEL_DIR: process.env.MODEL_DIR ?? 'models/spt' } });
  const page = await bench.open(port, { hash: '#show=map' });
  await until(async () => (await drawn(page)) === 20);
  const panel = await boxOf(page, '#panel-map');
  await until(async () => (await boxOf(page, '.map')).height > 0);
  expect((await boxOf(page, '.map')).height).toBeLessThanOrEqual(panel.height + 1);
});

test('on a phone no figure of a sample is cut', async () => {
  await bench.feed.scans(scans(0, 20));
  const { port } = await bench.start();
  const page = await bench.open(port, { viewport: { width: 390, height: 844 } });
  await until(async () => (await drawn(page)) === 20);
  const age = await boxOf(page, '.sample-age');
  const wide = (await page.evaluate(`(() => {
    const { scrollWidth, clientWidth } = document.querySelector('.sample-age');
    return scrollWidth - clientWidth;
  })()`)) as number;
  expect(age.x + age.width).toBeLessThanOrEqual(390);
  expect(wide).toBeLessThanOrEqual(0);
  expect((await boxOf(page, '.timelines .track-value')).height).toBeLessThan(24); // one line
});
