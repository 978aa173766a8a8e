// npm run projection: the projection of the committed topics into Redis. Any number may run side by side.

import { systemClock } from '../clock.ts';
import { configHelp, readConfig } from '../config.ts';
import { projection } from '../projection.ts';
import { runService } from '../run-service.ts';

const USAGE = `npm run projection: keeps Redis a projection of the committed descriptors and dead letters, for the
dashboard. Redis holds the positions too: after FLUSHALL the projection notices within a second or two and rebuilds it
from the topics.`;

if (process.argv.includes('--help')) {
  console.log(
    configHelp(USAGE, [
      ...(['KAFKA_BROKERS', 'KAFKA_GROUP', 'KAFKA_CLIENT_ID', 'KAFKA_TLS', 'KAFKA_TLS_CA'] as const),
      ...(['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const),
      ...(['TOPIC_SCANS', 'TOPIC_DESCRIPTORS', 'TOPIC_DEAD_LETTERS', 'REDIS_URL', 'REDIS_PREFIX'] as const),
      ...(['HOST', 'PORT', 'LOG_LEVEL'] as const),
    ]),
  );
} else {
  await runService('projection', (fatal) => projection(readConfig(process.env), systemClock, fatal));
}
