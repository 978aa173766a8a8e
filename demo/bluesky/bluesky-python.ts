import { join } from 'node:path';
import { pythonWith } from '../../python/python-with.ts';

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt');

/** A Python with a real RunEngine; the first call installs it (some 30 s). Returns the path of its interpreter. */
export const blueskyPython = (say: (text: string) => void = () => {}): Promise<string> =>
  pythonWith({
    requirements: REQUIREMENTS,
    home: 'bluesky',
    say: () => say('Setting up Python with Bluesky (once, about half a minute) …'),
  });
