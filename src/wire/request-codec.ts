import type { Headers } from './confluent-frame.ts';
import { decodeRecord } from './decode-record.ts';
import type { WireAcknowledgement, WireRequest } from './generated.ts';
import { type WireType, wireType } from './wire-type.ts';

const REQUEST: WireType = wireType('request.v1.avsc');
const ACKNOWLEDGEMENT: WireType = wireType('acknowledgement.v1.avsc');

/** A record of the topic of requests. Throws on bytes that do not decode; bounds are the beamline's to check. */
export const decodeRequest = (bytes: Buffer, headers: Headers = {}): WireRequest =>
  decodeRecord(REQUEST, bytes, headers) as WireRequest;

/** A record of the topic of acknowledgements. Throws on bytes that do not decode. */
export const decodeAcknowledgement = (bytes: Buffer, headers: Headers = {}): WireAcknowledgement =>
  decodeRecord(ACKNOWLEDGEMENT, bytes, headers) as WireAcknowledgement;
