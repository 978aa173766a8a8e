import type { Config } from './config.ts';

/**
 * The settings of a processor that judges the same scans beside the live one: a group and topics of its own, so that
 * neither sees anything of the other. Standards are the same.
 */
export function shadowConfig(config: Config): Config {
  const own = (name: string): string => `${name}.${config.SHADOW}`;
  return {
    ...config,
    KAFKA_GROUP: own(config.KAFKA_GROUP),
    TOPIC_DESCRIPTORS: own(config.TOPIC_DESCRIPTORS),
    TOPIC_DEAD_LETTERS: own(config.TOPIC_DEAD_LETTERS),
    TOPIC_RUN_REFERENCES: own(config.TOPIC_RUN_REFERENCES),
  };
}
