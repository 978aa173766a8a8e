import { type Headers, payload } from './confluent-frame.ts';
import type { WireAcknowledgement, WireRequest } from './generated.ts';
import { HEADER_FINGERPRINT, type WireType, wireType } from './wire-type.ts';

const REQUEST: WireType = wireType('request.v1.avsc');
const ACKNOWLEDGEMENT: WireType = wireType('acknowledgement.v1.avsc');

/** A record of the topic of requests. Throws on bytes that do not decode; bounds are the beamline's to check. */
export const decodeRequest = (bytes: Buffer, headers: Headers = {}): WireRequest =>
  decodedBy(REQUEST, bytes, headers) as WireRequest;

/** A record of the topic of acknowledgements. Throws on bytes that do not decode. */
export const decodeAcknowledgement = (bytes: Buffer, headers: Headers = {}): WireAcknowledgement =>
  decodedBy(ACKNOWLEDGEMENT, bytes, headers) as WireAcknowledgement;

const decodedBy = (type: WireType, bytes: Buffer, headers: Headers): unknown =>
  type.decode(payload(bytes, headers), headers[HEADER_FINGERPRINT]?.toString().toLowerCase());
