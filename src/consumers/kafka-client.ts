import { readFileSync } from 'node:fs';
import { Kafka, type KafkaConfig, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs';
import { registerDecompressors } from './decompressors.ts';
import { type KafkaLog, kafkaLog } from './kafka-log.ts';
import { watchedSockets } from './watched-sockets.ts';

export type KafkaSettings = {
  readonly brokers: readonly string[];
  readonly clientId: string;
  readonly tls?:
    | {
        readonly caFile: string | undefined;
        readonly certFile: string | undefined;
        readonly keyFile: string | undefined;
      }
    | undefined;
  readonly sasl?:
    | { readonly mechanism: string; readonly username: string; readonly password: string }
    | undefined;
  /** Where the client's own log lines go. */
  readonly log?: KafkaLog;
};

type ClientOptions = RetryOptions & {
  readonly requestTimeoutMs?: number;
  /** A broker, or the network, ended a connection: what the broker does next may not follow what it did before. */
  readonly onConnectionLost?: () => void;
};

/**
 * A client of the broker; connects when it is first used. Retries are patient over minutes but begin at 5 ms: the
 * broker answers a commit before its markers are written and refuses the next transaction for some milliseconds, and
 * kafkajs' default first wait of 300 ms would set the pace of the whole pipeline.
 */
export function kafkaClient(
  settings: KafkaSettings,
  { requestTimeoutMs, onConnectionLost, ...retry }: ClientOptions = {},
): Kafka {
  registerDecompressors();
  const config: KafkaConfig = {
    brokers: [...settings.brokers],
    clientId: settings.clientId,
    retry: { initialRetryTime: 5, multiplier: 2, maxRetryTime: 3000, retries: 30, ...retry },
    connectionTimeout: 3000,
    ...(requestTimeoutMs !== undefined && { requestTimeout: requestTimeoutMs }),
    ...(onConnectionLost && { socketFactory: watchedSockets(onConnectionLost) }),
    logLevel: logLevel.WARN,
    logCreator: () => kafkaLog((level, message, detail) => settings.log?.(level, message, detail)),
  };
  if (settings.tls) {
    const { caFile, certFile, keyFile } = settings.tls;
    config.ssl = {
      ...(caFile && { ca: [readFileSync(caFile, 'utf8')] }),
      ...(certFile && { cert: readFileSync(certFile, 'utf8') }),
      ...(keyFile && { key: readFileSync(keyFile, 'utf8') }),
    };
  }
  if (settings.sasl) config.sasl = settings.sasl as SASLOptions;
  return new Kafka(config);
}
