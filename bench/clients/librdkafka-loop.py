"""Consume, produce and commit in transactions by librdkafka, for all partitions of the process at once, and no work.

Its binding for Node takes a binary from GitHub; Python's has the library in its wheel, and the same threads.
"""

import os
import signal

from confluent_kafka import Consumer, Producer, TopicPartition

BATCH = 256
GROUP, BROKERS = os.environ["KAFKA_GROUP"], os.environ["KAFKA_BROKERS"]
consumer = Consumer(
    {
        "bootstrap.servers": BROKERS,
        "group.id": GROUP,
        "auto.offset.reset": "earliest",
        "enable.auto.commit": False,
        "isolation.level": "read_committed",
    }
)
producer = Producer({"bootstrap.servers": BROKERS, "transactional.id": f"{GROUP}-python", "linger.ms": 2})
producer.init_transactions()
consumer.subscribe([os.environ["TOPIC_SCANS"]])
going = True


def stop(*_):
    global going
    going = False


signal.signal(signal.SIGTERM, stop)
print('"msg":"processing"', flush=True)
while going:
    messages = [message for message in consumer.consume(BATCH, 0.05) if message.error() is None]
    if not messages:
        continue
    producer.begin_transaction()
    for message in messages:
        producer.produce(os.environ["TOPIC_DESCRIPTORS"], message.value(), message.key())
    ends = {(message.topic(), message.partition()): message.offset() + 1 for message in messages}
    producer.send_offsets_to_transaction(
        [TopicPartition(topic, partition, offset) for (topic, partition), offset in ends.items()],
        consumer.consumer_group_metadata(),
    )
    producer.commit_transaction()
consumer.close()
