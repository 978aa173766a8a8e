"""Publishes one record by librdkafka: JSON on standard input, bytes as base64, a header's value may be null."""

import base64
import json
import sys

from confluent_kafka import Producer


def decoded(text):
    return None if text is None else base64.b64decode(text)


record = json.load(sys.stdin)
errors = []
producer = Producer({"bootstrap.servers": record["brokers"]})
producer.produce(
    record["topic"],
    key=decoded(record["key"]),
    value=decoded(record["value"]),
    headers=[(name, decoded(value)) for name, value in record["headers"]],
    on_delivery=lambda error, _: error and errors.append(str(error)),
)
if producer.flush(60) or errors:
    sys.exit(f"Expected the record to be taken, got {errors or 'no answer'}")
