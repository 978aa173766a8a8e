// A service whose start never ends. `harmless`: whatever it waits for may be cut off. `loading`: first it loads
// something that must not be, until SIGUSR2 comes.
import { runService } from '../../src/runtime/run-service.ts';

setInterval(() => {}, 60_000); // a process that waits for nothing of the system would end

await runService('waiting', async ({ uninterrupted }) => {
  if (process.argv[2] === 'loading') {
    const loading = new Promise((resolve) => process.once('SIGUSR2', resolve));
    console.log('loading');
    await uninterrupted(loading);
    console.log('loaded');
  }
  console.log('waiting');
  return new Promise(() => {});
});
