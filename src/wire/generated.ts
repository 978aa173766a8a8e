// Made by tools/schemas.ts from schemas/*.avsc. Do not edit.

/**
 * Repeats that npm run accumulate is averaging. Topic xanes.accumulation-states.v1, its own: written in the transaction
 * that commits the descriptor event and to the same partition number, read back by whoever claims that partition;
 * without a value when it has ended. Record key = JSON of [runId, sampleId, element, edge]; header source-topic: the
 * identity of the descriptors topic. (schemas/accumulation-state.v1.avsc)
 */
export type WireAccumulationState = {
  readonly runId: string;
  readonly sampleId: string;
  readonly beamline: string;
  readonly element: string;
  readonly edge: string;
  readonly mode: 'MU' | 'TRANSMISSION' | 'FLUORESCENCE';
  readonly origin: 'LIVE' | 'REPLAY';
  /** What all members say alike. */
  readonly metadata: Readonly<Record<string, string>>;
  /** Of the first member. */
  readonly startedAt: number;
  /** Of the newest. */
  readonly endedAt: number;
  /** Of the newest. */
  readonly sequence: number;
  /** Sum of the members' 1/sigma^2; the sums that follow are weighted by it. */
  readonly weight: number;
  readonly energyEv: Float64Array;
  readonly mu: Float64Array;
  readonly muReference: null | Float64Array;
  readonly repeatsNeeded: null | number;
  readonly mean: null | string;
  /** Where the bins of the members' spectra begin, eV on the model's scale. */
  readonly binsFromEv: null | number;
  /** Directions in the bins that are no change, orthonormal. */
  readonly leftOut: readonly (Float64Array)[];
  readonly members: readonly ({
    readonly scanId: string;
    readonly endedAt: number;
    /** Since the first. */
    readonly hours: number;
    readonly sigma: number;
    /** Its spectrum in the bins; empty where it does not cover them. */
    readonly values: Float64Array;
  })[];
};

/**
 * How far repeats of a sample are averaged. Topic xanes.accumulations.v1, record key = sampleId; one for each scan that
 * joins, each verdict on a mean, and the end. Written in transactions: read with isolation level read_committed.
 * (schemas/accumulation.v1.avsc)
 */
export type WireAccumulation = {
  /** scanId of its first member. */
  readonly accumulationId: string;
  /** This and the names that follow are those of the scans. */
  readonly runId: string;
  readonly sampleId: string;
  readonly beamline: string;
  readonly element: string;
  readonly edge: string;
  readonly origin: 'LIVE' | 'REPLAY';
  /** End of the scan that brought it about. */
  readonly at: number;
  /** GROWING: it goes on. ACCEPTED: the gate has accepted. STOPPED: it has ended without that, reason says why. */
  readonly status: 'GROWING' | 'ACCEPTED' | 'STOPPED';
  /** Code of what brought it about. */
  readonly reason: string;
  /** The same in a sentence. */
  readonly detail: string;
  /** scanIds of the scans that are averaged. */
  readonly members: readonly (string)[];
  /** scanId of the newest mean; of one that was accepted, of what was. */
  readonly mean: null | string;
  /** While it grows, how many more scans are needed, by the newest verdict. */
  readonly repeatsNeeded: null | number;
};

/**
 * What becomes of a request. Topic xanes.acknowledgements.v1, record key as the request's, so that those of one request
 * stay in order. First comes one of ACCEPTED, REFUSED and EXPIRED; after ACCEPTED comes DONE or FAILED; each further
 * record with the same requestId gets one DUPLICATE. (schemas/acknowledgement.v1.avsc)
 */
export type WireAcknowledgement = {
  /** Empty where the request could not be decoded: source says which it is. */
  readonly requestId: string;
  /** Who answers. */
  readonly beamline: string;
  /** Name of the program, or of the person, that answers. */
  readonly by: string;
  /**
   * ACCEPTED: will be carried out. DONE: was. FAILED: was accepted, and could not be. REFUSED, EXPIRED: will not be.
   */
  readonly status: 'ACCEPTED' | 'REFUSED' | 'EXPIRED' | 'DUPLICATE' | 'DONE' | 'FAILED';
  /** One of codes; more may come. */
  readonly reason: string;
  /** One sentence for people; empty where there is nothing to say. */
  readonly detail: string;
  /** Of a DUPLICATE: what became of the first one so far. */
  readonly earlier: null | 'ACCEPTED' | 'REFUSED' | 'EXPIRED' | 'DUPLICATE' | 'DONE' | 'FAILED';
  /** Scans that were measured for it. */
  readonly scanIds: readonly (string)[];
  /** The record that the request came in. */
  readonly source: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly timestamp: number;
  };
  readonly at: number;
};

/** What `reason` may be today. */
export type WireAcknowledgementReason =
  | 'ok'
  | 'expired'
  | 'duplicate'
  | 'malformed-request'
  | 'unknown-schema'
  | 'unknown-kind'
  | 'not-allowed'
  | 'replayed'
  | 'not-possible'
  | 'failed'
  | 'restarted';

/**
 * What a person noted of a sample, on the dashboard or elsewhere. Topic xanes.annotations.v1, record key = sampleId.
 * Published again with its annotationId it is shown once. (schemas/annotation.v1.avsc)
 */
export type WireAnnotation = {
  /** Unique. */
  readonly annotationId: string;
  /** As in the scans, as the names that follow. */
  readonly runId: null | string;
  readonly sampleId: string;
  readonly beamline: string;
  /** The moment that it is about, on the time axis. */
  readonly at: number;
  /** The scan that it is about; null: the sample at that moment. */
  readonly scanId: null | string;
  /** It acknowledges this change, of xanes.changes.v1. */
  readonly changeId: null | string;
  /** Empty where it only acknowledges. */
  readonly text: string;
  readonly writtenBy: string;
  readonly writtenAt: number;
};

/**
 * A moment from which on a sample differs from what it was. Topic xanes.changes.v1, record key = sampleId. Written in
 * transactions: read with isolation level read_committed. (schemas/change.v1.avsc)
 */
export type WireChangePoint = {
  /** Unique: quantity and the scan with which it was found. */
  readonly changeId: string;
  /** This and the names that follow are those of the scans. */
  readonly runId: string;
  readonly sampleId: string;
  readonly beamline: string;
  readonly element: string;
  readonly edge: string;
  readonly origin: 'LIVE' | 'REPLAY';
  /**
   * What changed: the mean oxidation state, or the normalised spectrum whatever its baseline, height and energy shift.
   */
  readonly quantity: 'MEAN_OXIDATION_STATE' | 'SPECTRUM';
  /**
   * STEP: another level. DRIFT: it moves from scan to scan, or has turned back. STEADY: a drift has ended. RETURN: it
   * is back at a former level.
   */
  readonly kind: 'STEP' | 'DRIFT' | 'STEADY' | 'RETURN';
  /** End of the last scan before the change, which lies between this and firstAfter. */
  readonly lastBefore: number;
  /** End of the first scan after it. */
  readonly firstAfter: number;
  /** End of the scan with which it was found. */
  readonly foundAt: number;
  /**
   * Of the mean oxidation state, by how much it differs from before, with its sign; of a spectrum, root of the sum of
   * squared differences in 16 bins of 2 eV, in units of the edge step. Of a drift, up to foundAt.
   */
  readonly size: number;
  /** Interval that holds the true size with probability level. */
  readonly low: number;
  readonly high: number;
  readonly level: number;
  /** Of a drift, its rate, in units of size an hour. */
  readonly perHour: null | number;
  /** Probability that it is a change and no noise; above 0.999. */
  readonly confidence: number;
  /** scanId of the last scan before the change. */
  readonly scanBefore: string;
  /** scanIds of the scans after it that it rests on, 3 to 24, the newest last. */
  readonly scansAfter: readonly (string)[];
  /** Of a return, scanId of the last scan of the former level. */
  readonly returnedTo: null | string;
  /** SHA-256 of the bundle that read the scans. */
  readonly modelHash: string;
  /** The descriptor event with which it was found. */
  readonly source: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
  };
};

/**
 * A record that could not become descriptors, with its bytes, so that nothing is lost. Topic xanes.dead-letters.v1, key
 * as the source record's. Written in the same transactions as the descriptors. (schemas/dead-letter.v1.avsc)
 */
export type WireDeadLetter = {
  readonly source: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly timestamp: number;
  };
  readonly key: null | Buffer;
  /**
   * The original bytes; null where the dead letter would be larger than its topic takes: key and headers are then left
   * out too, and detail says where the record lies.
   */
  readonly value: null | Buffer;
  /** The original headers. */
  readonly headers: Readonly<Record<string, Buffer>>;
  /** Reason code. */
  readonly reason: string;
  /** One sentence: the field, what was expected, what was got; at most 601 characters. */
  readonly detail: string;
  readonly at: number;
  /** These five are known where the record could be decoded. */
  readonly scanId: null | string;
  readonly runId: null | string;
  readonly sampleId: null | string;
  readonly beamline: null | string;
  readonly element: null | string;
};

/**
 * What one scan says of its absorber, with a verdict on every value. Topic xanes.descriptors.v1, record key = sampleId.
 * Written in transactions: read with isolation level read_committed. (schemas/descriptors.v1.avsc)
 */
export type WireDescriptors = {
  readonly scanId: string;
  readonly runId: string;
  readonly sampleId: string;
  readonly beamline: string;
  readonly element: string;
  readonly edge: string;
  readonly sequence: number;
  readonly origin: 'LIVE' | 'REPLAY';
  readonly startedAt: number;
  readonly endedAt: number;
  readonly metadata: Readonly<Record<string, string>>;
  /** The record that the scan came in. */
  readonly source: {
    readonly topic: string;
    readonly partition: number;
    readonly offset: number;
    readonly timestamp: number;
  };
  readonly model: {
    readonly id: string;
    /** SHA-256 of the model's bundle.json, hex. */
    readonly hash: string;
    /** Library that evaluated them, such as onnxruntime. */
    readonly engine: string;
  };
  /** What was done to the scan before the model saw it. */
  readonly preparation: {
    /** Edge energy on the scan's own scale. */
    readonly e0Ev: number;
    readonly edgeStep: number;
    /** Added to the scan's energies to reach the model's scale. */
    readonly energyShiftEv: number;
    /** reference-foil, standard-foil or table. */
    readonly energyShiftSource: string;
    readonly energyScale: string;
    /** Ends of the fitted pre-edge range, relative to e0Ev. */
    readonly preEdgeRangeEv: null | Float64Array;
    readonly postEdgeRangeEv: null | Float64Array;
    readonly postEdgeDegree: number;
    /** Measured part of the model's axis, on the model's scale. */
    readonly coveredFromEv: number;
    readonly coveredToEv: number;
    /** Standard deviation of one point of the normalised scan. */
    readonly noisePreEdge: number;
    readonly noisePostEdge: number;
    /** The figure that the gate used. */
    readonly noiseSigma: number;
    /** residual or counting. */
    readonly noiseMethod: string;
  };
  /** The normalised scan on the model's energy scale, for people. */
  readonly spectrum: {
    readonly energyEv: Float32Array;
    readonly mu: Float32Array;
  };
  readonly descriptors: readonly ({
    /**
     * OS, CN, CN2, OCN, PSGO, NNRS, MOOD; of oxygen OS, CN, CN2, PSGO, NNRS, NNOSM. More may come: leave out what you
     * do not know.
     */
    readonly name: string;
    readonly kind: 'CLASS' | 'REAL';
    /** Empty, or angstrom. */
    readonly unit: string;
    /** Most probable class, or the predicted real. */
    readonly value: number;
    /**
     * Mean over the class probabilities before their calibration; of a real as value. Not to act on: means has the
     * means over sites.
     */
    readonly expected: number;
    readonly classes: Float64Array;
    readonly probabilities: Float64Array;
    /** Calibrated probability of value; null for a real. */
    readonly confidence: null | number;
    /** Interval that holds the true value with probability level. */
    readonly low: number;
    readonly high: number;
    /** 0 for a real whose interval was never calibrated; such a class has all classes in its interval. */
    readonly level: number;
    /** Noise above which this descriptor is not accepted. */
    readonly noiseThreshold: number;
    /** Act only on ACCEPT. */
    readonly verdict: 'ACCEPT' | 'FLAG' | 'REJECT';
    /** Reason code of the verdict; ok where accepted. */
    readonly reason: string;
    /**
     * Probability that value is right, of a real that it is within its tolerance, by all that the gate weighs: what is
     * held against trustThreshold. Null: nothing is calibrated for the element, or the event is of before 2026-11-28,
     * which did not say.
     */
    readonly trust: null | number;
    /**
     * Least trust that is accepted at the noise of the scan, more where neighbouring points err alike; null: none is,
     * or as trust.
     */
    readonly trustThreshold: null | number;
  })[];
  readonly advice: 'ACCEPT' | 'ACCUMULATE' | 'RESCAN' | 'INSPECT';
  readonly adviceReason: string;
  /**
   * Where the advice is ACCUMULATE: how many more scans of the sample, each as noisy as this one (of a mean, as one of
   * its members), must be averaged with it.
   */
  readonly repeatsNeeded: null | number;
  /** Of a mean of repeats, scanIds of the scans that it is the mean of; else empty. */
  readonly members: readonly (string)[];
  /**
   * Of a preview, the measured part of a scan that still goes on: scanId of the whole, whose event takes its place.
   * Null: the scan is whole.
   */
  readonly partialOf: null | string;
  /**
   * Out-of-distribution score: the distance to the nearest training spectrum and the odds that no oxide has such a
   * spectrum, put together. May be infinite. Above noveltyLimit nothing is accepted but a mean between standards.
   */
  readonly novelty: number;
  readonly noveltyLimit: number;
  /**
   * Where the scan lies on the map of the model's training spectra (models/NAME/map.json), among its ten nearest of the
   * element. Null where it lies nowhere on it: novelty is above noveltyLimit, or the map does not show the element, or
   * the model has no map. For pictures; nothing is judged by it.
   */
  readonly mapPosition: null | {
    readonly x: number;
    readonly y: number;
  };
  /** What had to be mended before the scan could be read, such as points out of order or a spike; a sentence each. */
  readonly notes: readonly (string)[];
  /** Ids of the beamline's standards that applied to the scan, by its own beamline, element, edge and time. */
  readonly standards: readonly (string)[];
  /** Standard uncertainty of the scan's energies on the model's scale. */
  readonly energySigmaEv: null | number;
  /** Means over all sites of the sample, which is what a measurement sees. Empty of oxygen. */
  readonly means: readonly ({
    /** OS, CN, OCN. */
    readonly name: string;
    readonly value: number;
    /** Interval that holds the true mean with probability level. */
    readonly low: number;
    readonly high: number;
    readonly level: number;
    /** Act only on ACCEPT. */
    readonly verdict: 'ACCEPT' | 'FLAG' | 'REJECT';
    /** Reason code of the verdict; ok where accepted. */
    readonly reason: string;
    /** network, one-standard or standards: what it was read by. */
    readonly method: string;
  })[];
  /** Probability that sites of the sample differ in oxidation state or coordination. */
  readonly mixedSites: null | number;
  /** By how much the mean oxidation state differs from that of the reference scan of its run and sample. */
  readonly change: null | {
    /** OS. */
    readonly name: string;
    readonly value: number;
    /** Interval that holds the true change with probability level. */
    readonly low: number;
    readonly high: number;
    readonly level: number;
    /** scanId of the reference scan. */
    readonly since: string;
  };
  /** When each stage was done, microseconds since 1970. */
  readonly times: {
    readonly receivedAt: number;
    readonly decodedAt: number;
    readonly preparedAt: number;
    readonly predictedAt: number;
    readonly gatedAt: number;
    /** Handed to the transaction; committed some milliseconds later. */
    readonly publishedAt: number;
  };
};

/**
 * What an agent or a person asks of a beamline's data acquisition. Topic xanes.requests.v1, record key = beamline in
 * UTF-8, so that what one beamline is asked stays in order. However often it is published, it is carried out at most
 * once: requestId tells. The beamline may refuse it; each is answered by acknowledgements. (schemas/request.v1.avsc)
 */
export type WireRequest = {
  /** Unique. Published again with the same id it is the same request. */
  readonly requestId: string;
  /**
   * What is asked for: one of kinds, each with the fields that it needs. More may come: what is not known is refused
   * with unknown-kind.
   */
  readonly kind: string;
  /** Who is asked, as in the scans. */
  readonly beamline: string;
  /** What it is about, as in the scans; null: whichever is being measured. */
  readonly runId: null | string;
  readonly sampleId: null | string;
  /** Where several edges are measured. */
  readonly element: null | string;
  readonly edge: null | string;
  /** Who asks: the name of an agent or of a person. */
  readonly askedBy: string;
  /** A sentence for people. */
  readonly why: string;
  /** Scans whose events made it. */
  readonly scanIds: readonly (string)[];
  readonly askedAt: number;
  /** Later than askedAt. Who comes to it at this time or later leaves it alone. */
  readonly validUntil: number;
  /** REPLAY: asked because of a recording or a simulation. A beamline that measures refuses it. */
  readonly origin: 'LIVE' | 'REPLAY';
  /** Of more-scans. */
  readonly scans: null | number;
  /** Of next-energy-range: eV, absolute, below toEv. */
  readonly fromEv: null | number;
  readonly toEv: null | number;
  /** Of annotate. */
  readonly text: null | string;
  /** Of set-standard: what is known of which scan. */
  readonly standard: null | {
    readonly scanId: string;
    /** MEAN_OXIDATION_STATE: the next two are given. */
    readonly known: 'FOIL' | 'MEAN_OXIDATION_STATE';
    /** Mean over all atoms of the absorber. */
    readonly meanOxidationState: null | number;
    /** Its standard uncertainty. */
    readonly uncertainty: null | number;
  };
};

/** What `kind` may be today. */
export type WireRequestKind =
  | 'more-scans'
  | 'rescan'
  | 'stop'
  | 'pause'
  | 'next-energy-range'
  | 'annotate'
  | 'set-standard';

/**
 * The scan that later ones of its run, sample and edge are compared with. Topic xanes.run-references.v1, the
 * processors' own: written in the transaction of the scan's event and to the same partition number as the scan, read
 * back by whoever claims that partition. Record key = JSON of [runId, sampleId, element, edge].
 * (schemas/run-reference.v1.avsc)
 */
export type WireRunReference = {
  readonly runId: string;
  readonly sampleId: string;
  readonly element: string;
  readonly edge: string;
  /** The reference scan. */
  readonly scanId: string;
  readonly meanOxidationState: number;
  /** Standard uncertainty of meanOxidationState. */
  readonly sigma: number;
  /** Where its normalised edge passes one half, eV on the model's scale. */
  readonly halfEdgeEv: number;
  /** The bundle that read it; another one makes a reference of its own. */
  readonly modelHash: string;
  /** Identity of the scans topic that the scan lay in: topic: and a UUID in hex. */
  readonly scansTopic: string;
  /** Its offset there; it counts for scans behind it. */
  readonly offset: number;
};

/**
 * That a run has started, or that it has ended: without it nobody can tell an end from a loss of beam. Topic
 * xanes.runs.v1, record key = runId in UTF-8; the newest record of a run holds. (schemas/run.v1.avsc)
 */
export type WireRun = {
  /** This and beamline as in the scans. */
  readonly runId: string;
  readonly beamline: string;
  readonly state: 'STARTED' | 'ENDED';
  /** ms since 1970 UTC; null where who says that it has ended does not know. */
  readonly startedAt: null | number;
  /** Of a run that has ended; no scan of it ends later. */
  readonly endedAt: null | number;
  /** Of a run that has ended: as planned, by somebody's wish before, or by an error. */
  readonly exitStatus: null | 'SUCCESS' | 'ABORT' | 'FAIL';
  /** Why it has ended, a sentence for people; may be empty. */
  readonly reason: string;
  /** Of a run that has ended: how many scans of it were published, where that is known. */
  readonly scans: null | number;
  /** REPLAY: a recording or a simulation. */
  readonly origin: 'LIVE' | 'REPLAY';
  /** Free text, such as a proposal or a sample holder; of Bluesky, bluesky.run is the uid of the start document. */
  readonly metadata: Readonly<Record<string, string>>;
};

/**
 * What npm run changes knows of one sample in one run. Topic xanes.sample-watches.v1, its own: written in the
 * transaction that commits the descriptor event and to the same partition number, read back by whoever claims that
 * partition. Record key = JSON of [runId, sampleId, element, edge]; header source-topic: the identity of the
 * descriptors topic. (schemas/sample-watch.v1.avsc)
 */
export type WireSampleWatch = {
  readonly runId: string;
  readonly sampleId: string;
  readonly element: string;
  readonly edge: string;
  /** End of its first scan: hours count from here. */
  readonly since: number;
  /** Up to its newest scan. */
  readonly hours: number;
  /** By which model, standards and method the mean oxidation state was read; another reading begins anew. */
  readonly reading: string;
  /** Where the bins of its spectra begin, eV on the model's scale. */
  readonly binsFromEv: null | number;
  /** Directions in the bins that are no change, orthonormal. */
  readonly leftOut: readonly (Float64Array)[];
  readonly watches: readonly ({
    readonly quantity: 'MEAN_OXIDATION_STATE' | 'SPECTRUM';
    readonly drifts: boolean;
    /** Slope of the drift that was told. */
    readonly perHour: null | Float64Array;
    /** Of the noise scale: scans, and squares of what they were off by. */
    readonly scaleCount: number;
    readonly scaleSquares: number;
    /** Sums over the observations of the segment that are not among the newest, weighted by 1/sigma^2. */
    readonly older: {
      readonly count: number;
      readonly weight: number;
      readonly hours: number;
      readonly squares: number;
      readonly values: Float64Array;
      readonly products: Float64Array;
    };
    readonly newest: readonly ({
      readonly scanId: string;
      readonly endedAt: number;
      readonly hours: number;
      readonly sigma: number;
      readonly values: Float64Array;
    })[];
    /** Levels that were left, the newest last. */
    readonly levels: readonly ({
      readonly lastScanId: string;
      readonly lastEndedAt: number;
      readonly weight: number;
      readonly values: Float64Array;
    })[];
  })[];
};

/**
 * One XANES scan. Topic xanes.scans.v1, record key = sampleId in UTF-8, so that one sample's scans stay in order. All
 * arrays have the length of energyEv. What is beyond a bound becomes a dead letter; the key has at most 4,096 bytes.
 * (schemas/scan.v1.avsc)
 */
export type WireScan = {
  /**
   * Unique over all runs; a scan published twice with one id is shown once. At most 1,024 characters, as the three
   * names that follow.
   */
  readonly scanId: string;
  readonly runId: string;
  readonly sampleId: string;
  readonly beamline: string;
  /** Symbol of the absorber, such as Co; at most 16 characters, as edge. */
  readonly element: string;
  /** Absorption edge. */
  readonly edge: string;
  /** MU: mu is given. TRANSMISSION: mu = ln(i0/it). FLUORESCENCE: mu = if/i0. */
  readonly mode: 'MU' | 'TRANSMISSION' | 'FLUORESCENCE';
  /**
   * eV, absolute, increasing: small steps back are sorted, and energies that turn begin another sweep. 20 to 20,000
   * points of a sweep, within 1 and 200,000 eV. Numbers of the channels are at most 1e30 in size.
   */
  readonly energyEv: Float64Array;
  /** Absorption, any scale; needed in mode MU. */
  readonly mu: null | Float64Array;
  /** Incident intensity; needed in modes TRANSMISSION and FLUORESCENCE. */
  readonly i0: null | Float64Array;
  /** Transmitted intensity; needed in mode TRANSMISSION. */
  readonly it: null | Float64Array;
  /** Fluorescence intensity; needed in mode FLUORESCENCE. */
  readonly if: null | Float64Array;
  /** Absorption of the reference foil measured beside the sample; calibrates the energies. */
  readonly muReference: null | Float64Array;
  /** Intensity behind the reference foil: muReference = ln(it/iReference). Used where muReference is null. */
  readonly iReference: null | Float64Array;
  /** Standard uncertainty of mu at each point, from counting statistics. */
  readonly muSigma: null | Float64Array;
  /** Start of the scan, ms since 1970 UTC, before 2100. */
  readonly startedAt: number;
  /** End of the scan; end-to-end latency counts from here. */
  readonly endedAt: number;
  /** Number of the scan in its run, from 0. */
  readonly sequence: number;
  /** REPLAY: a recording or a simulation, shown as such. */
  readonly origin: 'LIVE' | 'REPLAY';
  /**
   * Free text, passed on to the descriptors; at most 1,000 entries and 400,000 characters in all. energy.scale (default
   * measured) names the energy scale: measured, feff9, feff10. Other names with a meaning: energy.sigma,
   * sweep.elements, note, accumulation.members, partial.of.
   */
  readonly metadata: Readonly<Record<string, string>>;
};

/**
 * A scan of something known, measured where later scans are measured: they are read with it. Topic xanes.standards.v1,
 * compacted, record key = standardId in UTF-8; a record without a value withdraws it. (schemas/standard.v1.avsc)
 */
export type WireStandard = {
  /** Unique; at most 1,024 characters, as beamline. Events name it. */
  readonly standardId: string;
  /** Not empty. Scans of this beamline alone are read with it. */
  readonly beamline: string;
  /** Symbol of the absorber, as in the scan; at most 16 characters, as edge. */
  readonly element: string;
  readonly edge: string;
  /** Scans that end at this time or later are read with it. */
  readonly validFrom: number;
  /** Scans that end at this time or later are no longer; null: no end is known. */
  readonly validUntil: null | number;
  /** FOIL: the scan is of the element's metal, as thick as foils are. MEAN_OXIDATION_STATE: the next two are given. */
  readonly known: 'FOIL' | 'MEAN_OXIDATION_STATE';
  /** Mean over all atoms of the absorber, -9 to 9. */
  readonly meanOxidationState: null | number;
  /** Standard uncertainty of meanOxidationState, above 0, at most 9. */
  readonly uncertainty: null | number;
  /** One xanes.v1.Scan in plain Avro, as on the scans topic, and with the bounds of that. */
  readonly scan: Buffer;
  /**
   * SHA-256 of the schema that the scan was written with (Parsing Canonical Form, hex); empty: that of this version.
   */
  readonly scanFingerprint: string;
};
