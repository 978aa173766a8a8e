import kafkajs, { type Kafka } from 'kafkajs'; // Node sees only some of its names

const SETTING = 'max.message.bytes';

/**
 * What a broker takes of each topic in one batch of records, bytes, from the topics' configuration; topics of which it
 * may not be read are not in the answer.
 */
export async function largestRecords(kafka: Kafka, topics: readonly string[]): Promise<Map<string, number>> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: topics.map((name) => ({
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name,
        configNames: [SETTING],
      })),
    });
    const known = resources.flatMap(({ resourceName, configEntries }) => {
      const bytes = Number(configEntries.find(({ configName }) => configName === SETTING)?.configValue);
      return bytes > 0 ? [[resourceName, bytes] as const] : [];
    });
    return new Map(known);
  } catch {
    return new Map(); // without the right to read it, the first refusal tells
  } finally {
    await admin.disconnect().catch(() => {});
  }
}
