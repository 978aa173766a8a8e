// Holds a broker and a Redis until it is ended, in whatever way a test chooses.
import { startKafka } from '../../../demo/services/start-kafka.ts';
import { startRedis } from '../../../demo/services/start-redis.ts';

const redis = await startRedis();
const kafka = await startKafka();
process.once('SIGTERM', () => void Promise.all([redis.close(), kafka.close()]).then(() => process.exit(0)));
console.log(JSON.stringify({ pids: [redis.pid, kafka.pid] }));
