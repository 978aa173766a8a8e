"""An object store with one bucket, `models`, that asks for signatures, until standard input ends.

Usage: serve_s3.py FOLDER: its files lie in the bucket under `beamline/`. Prints one line of JSON: where it is, and the
keys of a user who may read."""

import json
import logging
import os
import sys

import boto3
from moto import settings
from moto.core.responses import ActionAuthenticatorMixin
from moto.server import ThreadedMotoServer

logging.getLogger("werkzeug").setLevel(logging.ERROR)
with open(os.devnull, "w") as quiet:
    sys.stdout, out = quiet, sys.stdout
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    sys.stdout = out
host, port = server.get_host_and_port()
url = f"http://{host}:{port}"


def client(service, key_id="nobody", secret="nobody"):
    return boto3.client(
        service,
        endpoint_url=url,
        region_name="eu-central-1",
        aws_access_key_id=key_id,
        aws_secret_access_key=secret,
    )


iam = client("iam")
iam.create_user(UserName="processor")
rights = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
iam.put_user_policy(UserName="processor", PolicyName="read", PolicyDocument=json.dumps(rights))
key = iam.create_access_key(UserName="processor")["AccessKey"]

# From here on every request must be signed.
settings.INITIAL_NO_AUTH_ACTION_COUNT = 0.0
ActionAuthenticatorMixin.request_count = 0
s3 = client("s3", key["AccessKeyId"], key["SecretAccessKey"])
s3.create_bucket(Bucket="models", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"})
for folder, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = os.path.join(folder, name)
        s3.upload_file(path, "models", f"beamline/{os.path.relpath(path, sys.argv[1])}")

print(json.dumps({"url": url, "keyId": key["AccessKeyId"], "secret": key["SecretAccessKey"]}), flush=True)
sys.stdin.read()
server.stop()
