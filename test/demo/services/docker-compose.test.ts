import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import { SHARED_BROKER_SETTINGS } from '../../../demo/services/start-kafka.ts';

const read = (file: string) => readFileSync(join(import.meta.dirname, '../../..', file), 'utf8');
const compose = read('docker-compose.yml');

describe('docker-compose.yml', () => {
  test("gives the broker the embedded start's settings", () => {
    for (const [key, value] of Object.entries(SHARED_BROKER_SETTINGS)) {
      const name = `KAFKA_${key.toUpperCase().replaceAll('.', '_')}`;
      expect(compose).toMatch(new RegExp(`^ +${name}: "?${value}"?$`, 'm'));
    }
  });

  test("runs the embedded start's Kafka", () => {
    const [, version] = /<artifactId>kafka_2\.13<\/artifactId>\s*<version>(.+)<\/version>/.exec(
      read('demo/services/pom.xml'),
    )!;
    expect(compose).toContain(`image: apache/kafka:${version}\n`);
  });

  test('pins every image to a full version', () => {
    const images = [...`${compose}\n${read('Dockerfile')}`.matchAll(/(?:image: |^FROM )(\S+)/gm)].map(
      ([, image]) => image!,
    );
    const foreign = images.filter((image) => image !== 'xanes-stream' && image !== 'packages');
    expect(foreign).toHaveLength(4);
    for (const image of foreign) expect(image).toMatch(/:\d+\.\d+\.\d+(-\w+)*$/);
  });

  test('starts files that are there', () => {
    const files = [...compose.matchAll(/"tsx", "([^"]+)"/g)].map(([, file]) => file!);
    expect(files).toEqual([
      'src/bin/topics.ts',
      'src/bin/processor.ts',
      'src/bin/projection.ts',
      'dashboard/server/main.ts',
      'demo/replay.ts',
    ]);
    for (const file of files) expect(read(file)).not.toBe('');
  });
});
