// Plain JavaScript beside the other tools.
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { at, capture, retry, step } from './steps.mjs';

/**
 * Prometheus and promtool from Debian's package, unpacked into .cache/prometheus and not installed: no service starts.
 * @returns the folder of both programs
 */
export async function fetchPrometheus() {
  const folder = at('.cache/prometheus');
  const programs = join(folder, 'usr/bin');
  if (existsSync(join(programs, 'promtool'))) return programs;
  await step('Prometheus from Debian', async () => {
    mkdirSync(dirname(folder), { recursive: true });
    const made = mkdtempSync(`${folder}-`); // moved when it is whole
    try {
      // apt-get leaves what it downloads where it is called.
      const download = ['-c', 'cd "$0" && apt-get download prometheus', made];
      await retry(2, () => capture('sh', download).catch(afterUpdate));
      const [archive] = readdirSync(made).filter((name) => name.endsWith('.deb'));
      await capture('dpkg-deb', ['--extract', join(made, archive), made]);
      renameSync(made, folder);
    } finally {
      rmSync(made, { recursive: true, force: true });
    }
  });
  return programs;
}

async function afterUpdate(error) {
  await capture('apt-get', ['update']); // a list that is old names packages that are gone
  throw error;
}
