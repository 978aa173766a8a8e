"""A client in another language that knows nothing of this project but the files in schemas/.

Publishes scans, with the headers and without them, and reads what became of them. Shows what any DAQ in Python has to
do.

    pip install confluent-kafka fastavro
    python examples/python/foreign_client.py --brokers localhost:9092 --scans 20
"""

import argparse
import io
import json
import math
import pathlib
import sys
import time
import uuid

import fastavro
from confluent_kafka import Consumer, Producer

SCHEMAS = pathlib.Path(__file__).parents[2] / "schemas"


def schema(name):
    return fastavro.parse_schema(json.loads((SCHEMAS / name).read_text()))


SCAN, DESCRIPTORS, LETTER = (schema(f"{name}.v1.avsc") for name in ("scan", "descriptors", "dead-letter"))
FINGERPRINTS = json.loads((SCHEMAS / "fingerprints.json").read_text())


def encode(record_schema, record):
    buffer = io.BytesIO()
    fastavro.schemaless_writer(buffer, record_schema, record)
    return buffer.getvalue()


def headers_of(name):
    known = FINGERPRINTS[name]
    return {
        "content-type": "application/avro",
        "schema-name": known["name"],
        "schema-fingerprint": known["sha256"],
    }


def scan(run_id, number):
    """A made-up cobalt edge in transmission: enough to be prepared, not to be believed."""
    energies = [7600 + 0.5 * i for i in range(600)]
    mu = [0.3 + math.atan((e - 7719) / 1.2) / math.pi + 0.25 * math.exp(-(((e - 7726) / 3) ** 2)) for e in energies]
    now = int(time.time() * 1000)
    return {
        "scanId": f"{run_id}/{number}",
        "runId": run_id,
        "sampleId": "python",
        "beamline": "none",
        "element": "Co",
        "edge": "K",
        "mode": "TRANSMISSION",
        "energyEv": energies,
        "i0": [1000.0 + 3 * math.sin(number + i) for i in range(len(energies))],
        "it": [(1000.0 + 3 * math.sin(number + i)) * math.exp(-m) for i, m in enumerate(mu)],
        "startedAt": now - 1000,
        "endedAt": now,
        "sequence": number,
        "origin": "REPLAY",
        "metadata": {"written.by": "fastavro"},
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--brokers", default="localhost:9092")
    parser.add_argument("--scans", type=int, default=20)
    parser.add_argument("--compression", default="none", choices=["none", "gzip", "snappy", "lz4", "zstd"])
    parser.add_argument("--topic-scans", default="xanes.scans.v1")
    parser.add_argument("--topic-descriptors", default="xanes.descriptors.v1")
    parser.add_argument("--topic-dead-letters", default="xanes.dead-letters.v1")
    parser.add_argument("--timeout-s", type=float, default=60)
    options = parser.parse_args()
    run_id = f"python-{uuid.uuid4().hex[:8]}"

    consumer = Consumer(
        {
            "bootstrap.servers": options.brokers,
            "group.id": run_id,
            "auto.offset.reset": "earliest",
            "isolation.level": "read_committed",  # without it, results that were given up are seen too
        }
    )
    consumer.subscribe([options.topic_descriptors, options.topic_dead_letters])

    producer = Producer(
        {"bootstrap.servers": options.brokers, "acks": "all", "compression.type": options.compression}
    )
    for number in range(options.scans):
        producer.produce(
            options.topic_scans,
            key="python",
            value=encode(SCAN, scan(run_id, number)),
            headers=headers_of("scan.v1.avsc") if number % 2 == 0 else None,
        )
    producer.produce(options.topic_scans, key="python", value=b"not a scan", headers={"from": run_id})
    producer.flush()

    sequences, letters = [], 0
    deadline = time.time() + options.timeout_s
    while (len(sequences) < options.scans or letters < 1) and time.time() < deadline:
        message = consumer.poll(0.5)
        if message is None or message.error():
            continue
        bytes_in = io.BytesIO(message.value())
        if message.topic() == options.topic_descriptors:
            event = fastavro.schemaless_reader(bytes_in, DESCRIPTORS)
            if event["runId"] != run_id:
                continue
            sequences.append(event["sequence"])
            if event["sequence"] == 0:
                values = {d["name"]: f"{d['value']:g} {d['verdict'].lower()}" for d in event["descriptors"]}
                means = {
                    m["name"]: f"{m['value']:.2f} ({m['low']:.2f} to {m['high']:.2f}) {m['verdict'].lower()}"
                    for m in event["means"]
                }
                print(f"scan 0: advice {event['advice']}, means {means}")
                print(f"scan 0: sites {values}, noise {event['preparation']['noiseSigma']:.4f}")
        else:
            letter = fastavro.schemaless_reader(bytes_in, LETTER)
            if letter["headers"].get("from") == run_id.encode():
                letters += 1
                print(f"dead letter: {letter['reason']}: {letter['detail']}")
                assert letter["value"] == b"not a scan"
    consumer.close()
    in_order = sequences == list(range(options.scans))
    print(f"{len(sequences)} of {options.scans} scans came out, {'in order' if in_order else 'OUT OF ORDER'}")
    sys.exit(0 if in_order and letters == 1 else 1)


main()
