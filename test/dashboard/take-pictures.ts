// The pictures of docs/images: node --import tsx test/dashboard/take-pictures.ts [URL] [FOLDER]
// Of a demo that has run for a minute or two: npm run demo -- --scans 300

import { join } from 'node:path';
import { launchBrowser } from './browser.ts';

const [url = 'http://127.0.0.1:8080', folder = 'docs/images'] = process.argv.slice(2);
const SAMPLE = 'LiCoO2-cell-2';
const LONG_MS = 120_000; // a run, with its bad beam

const browser = await launchBrowser();
const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
context.setDefaultTimeout(LONG_MS);
const page = await context.newPage();

await show('descriptors');
await page.screenshot({ path: join(folder, 'dashboard.png') });

await show('spectra');
const run = await runOfAScan();
await show('spectra', [`${run}-000001`, `${run}-000124`]); // nearly discharged, and charged
await page.getByRole('tab', { name: 'Compare' }).click();
await page.waitForTimeout(1500); // the columns are fetched
await page.getByText('The shown scan as a mixture').waitFor();
await page.screenshot({ path: join(folder, 'dashboard-spectra.png') });

await show('map');
await page.getByText(/scans lie on the map/).waitFor();
await page.locator('.chosen').screenshot({ path: join(folder, 'dashboard-map.png') });

await show('requests');
await page.locator('.requests-list li.open').first().waitFor(); // while the beam is bad
await page.locator('.chosen').screenshot({ path: join(folder, 'dashboard-requests.png') });

await browser.close();

async function show(tab: string, pins: readonly string[] = []): Promise<void> {
  const chosen = new URLSearchParams([
    ['sample', SAMPLE],
    ['show', tab],
    ...pins.map((id): [string, string] => ['pin', id]),
  ]);
  await page.goto('about:blank'); // a change of what stands behind # alone loads nothing
  await page.goto(`${url}/#${chosen}`);
  await page.getByRole('heading', { name: SAMPLE }).waitFor();
  await page.waitForTimeout(2000);
}

/** The name of the run in the middle of the time that is shown. */
async function runOfAScan(): Promise<string> {
  const box = (await page.locator('.timelines .u-over').boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await page.waitForURL(/scan=/);
  const scanId = new URLSearchParams(new URL(page.url()).hash.slice(1)).get('scan')!;
  return scanId.slice(0, scanId.indexOf('-seed1') + '-seed1'.length);
}
