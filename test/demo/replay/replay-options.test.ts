import { describe, expect, test } from '@jest/globals';
import { readReplayOptions } from '../../../demo/replay/replay-options.ts';

describe('readReplayOptions', () => {
  test('defaults, and flags of the command that asks', () => {
    expect(readReplayOptions(['--rate', '2.5', '--port', '90'], { port: '80' })).toEqual({
      rate: 2.5,
      scans: 600,
      samples: 3,
      seed: 1,
      once: false,
      help: false,
      own: { port: '90' },
    });
  });

  test.each([
    [['--rate', '0'], 'Expected --rate to be a number > 0, got 0'],
    [['--rate', ''], 'Expected --rate to be a number > 0, got '],
    [['--scans', '1.5'], 'Expected --scans to be an integer > 0, got 1.5'],
    [['--seed', 'x'], 'Expected --seed to be an integer > -1, got x'],
    [['--speed', '1'], "Unknown option '--speed'"],
  ])('%j is refused by name', (args, message) => {
    expect(() => readReplayOptions(args)).toThrow(message);
  });
});
