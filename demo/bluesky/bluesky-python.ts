import { join } from 'node:path';
import { pythonWith } from '../services/python-with.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

/** A Python with a real RunEngine; the first call installs it (some 30 s). Returns the path of its interpreter. */
export const blueskyPython = (say: (text: string) => void = () => {}): Promise<string> =>
  pythonWith(REQUIREMENTS, 'bluesky', () =>
    say('Setting up Python with Bluesky (once, about half a minute) …'),
  );
