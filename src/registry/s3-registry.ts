import { AwsClient } from 'aws4fetch';
import { FatalError } from '../common/errors.ts';
import { httpRegistry } from './http-registry.ts';
import type { Registry } from './listed-bundle.ts';

/** As the tools of AWS call them; other object stores take the same. */
export type S3Settings = {
  readonly AWS_ACCESS_KEY_ID?: string | undefined;
  readonly AWS_SECRET_ACCESS_KEY?: string | undefined;
  readonly AWS_SESSION_TOKEN?: string | undefined;
  readonly AWS_REGION?: string | undefined;
  readonly AWS_ENDPOINT_URL?: string | undefined;
};

/**
 * Bundles in a bucket of an object store, whose every request is signed (AWS Signature Version 4): as behind an http
 * address, with a registry.json. The bucket is named in the path, which all stores understand.
 * @param address `s3://BUCKET`, or `s3://BUCKET/FOLDER`
 * @throws FatalError where there are no keys
 */
export function s3Registry(address: string, cache: string, settings: S3Settings): Registry {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = settings;
  if (accessKeyId === undefined || secretAccessKey === undefined)
    throw new FatalError(`Expected AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for ${address}, got none`);
  const { AWS_SESSION_TOKEN: sessionToken, AWS_REGION: region = 'us-east-1' } = settings;
  const endpoint = settings.AWS_ENDPOINT_URL ?? `https://s3.${region}.amazonaws.com`;
  const client = new AwsClient({
    ...{ accessKeyId, secretAccessKey, region, service: 's3', retries: 0 },
    ...(sessionToken !== undefined && { sessionToken }),
  });
  const path = address.replace(/^s3:\/\//i, '');
  return httpRegistry(`${endpoint.replace(/\/+$/, '')}/${path}`, cache, (url, options) =>
    client.fetch(url, options),
  );
}
