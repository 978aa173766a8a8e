// What travels between dashboard server and page: the types of both ends of the socket.

import type {
  AccumulationRow,
  AcknowledgementRow,
  AnnotationRow,
  ChangePointRow,
  DeadLetterRow,
  ProjectionEntry,
  ProjectionReport,
  RequestRow,
  RunRow,
  ScanRow,
} from '../../src/messages/projection.ts';

export type {
  AccumulationRow,
  AcknowledgementRow,
  AnnotationRow,
  ChangePointRow,
  ChangeRow,
  DeadLetterRow,
  DescriptorRow,
  MeanRow,
  ProjectionEntry,
  ProjectionReport,
  RequestRow,
  RunRow,
  ScanRow,
} from '../../src/messages/projection.ts';

/**
 * Place in the event log: the id of the last entry seen, and the generation of the projection that wrote it. A client
 * keeps its own and asks for what follows; the server keeps none for it.
 */
export type Cursor = { readonly generation: string; readonly id: string };

/** Entries that follow each other in the log: all that lie after `from` up to `to`. */
export type Events = { readonly from: Cursor; readonly to: Cursor; readonly entries: readonly LogEntry[] };

export type LogEntry = ProjectionEntry & { readonly id: string };

/** A T as JSON in UTF-8: what is JSON in Redis passes the server without being parsed. */
export type JsonBytes<T> = ArrayBuffer & { readonly jsonOf?: T };

/** Everything but histories and spectra, as of `cursor`. */
export type Snapshot = {
  readonly cursor: Cursor;
  readonly samples: readonly SampleSummary[];
  readonly runs: readonly RunSummary[];
  /** Newest last. */
  readonly deadLetters: readonly DeadLetterRow[];
  readonly deadLetterCount: number;
  /** Newest last, as the two that follow. */
  readonly changes: readonly ChangePointRow[];
  readonly annotations: readonly AnnotationRow[];
  readonly requests: readonly RequestRow[];
  /** What was last said to these requests. */
  readonly acknowledgements: readonly AcknowledgementRow[];
  /** Of each sample and edge the last. */
  readonly accumulations: readonly AccumulationRow[];
};

export type SampleSummary = {
  readonly sampleId: string;
  /** The newest whole scan; a preview where none is whole yet. */
  readonly latest: ScanRow;
  /** The preview of a scan that is still being measured; null: none is. */
  readonly measured: ScanRow | null;
  /** The last scans as [ms since 1970, value of the headline, its verdict], oldest first. */
  readonly trail: readonly TrailPoint[];
  readonly counts: Counts;
};

export type TrailPoint = readonly [atMs: number, value: number | null, verdict: string];

export type Counts = {
  readonly scans: number;
  /** Of the headline: the mean oxidation state where there is one (src/messages/scan-reading.ts). */
  readonly accepted: number;
  readonly flagged: number;
  readonly rejected: number;
  /** Rejected scans by reason code. */
  readonly rejectedFor: Readonly<Record<string, number>>;
  readonly deadLetters: number;
};

export type RunSummary = {
  readonly runId: string;
  readonly beamline: string;
  readonly origin: 'LIVE' | 'REPLAY';
  readonly model: string;
  readonly modelHash: string;
  readonly engine: string;
  readonly scans: number;
  readonly deadLetters: number;
  /** Values of all descriptors by verdict. */
  readonly accepted: number;
  readonly flagged: number;
  readonly rejected: number;
  readonly lastAt: number;
  readonly samples: readonly string[];
  /** What its beamline last said of it; null: nothing. */
  readonly said: RunRow | null;
};

/** One scan whole. Arrays travel as bytes of little-endian Float32. */
export type ScanDetail = {
  readonly row: ScanRow;
  readonly energyEv: ArrayBuffer;
  readonly mu: ArrayBuffer;
  readonly descriptors: readonly {
    readonly name: string;
    readonly unit: string;
    readonly level: number;
    readonly classes: readonly number[];
    readonly probabilities: readonly number[];
    /** What the verdict was decided by, and the least that is accepted; null where the event does not say. */
    readonly trust: number | null;
    readonly trustThreshold: number | null;
  }[];
  /** Coverage of the intervals of means and of the change; null where the event has neither. */
  readonly meansLevel: number | null;
  /** Standard uncertainty of the energies on the model's scale; null where the event does not say. */
  readonly energySigmaEv: number | null;
  /** Ids of the standards that applied. */
  readonly standards: readonly string[];
  readonly adviceReason: string;
  /** What was mended before the scan was read, a sentence each. */
  readonly notes: readonly string[];
  readonly engine: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly source: { readonly topic: string; readonly partition: number; readonly offset: number };
  readonly preparation: {
    /** On the energy scale of the spectrum that is shown. */
    readonly e0Ev: number;
    readonly edgeStep: number;
    readonly energyShiftEv: number;
    readonly energyShiftSource: string;
    readonly energyScale: string;
    readonly preEdgeRangeEv: readonly number[] | null;
    readonly postEdgeRangeEv: readonly number[] | null;
    readonly postEdgeDegree: number;
    readonly coveredFromEv: number;
    readonly coveredToEv: number;
    readonly noisePreEdge: number;
    readonly noisePostEdge: number;
    readonly noiseSigma: number;
    readonly noiseMethod: string;
  };
  /** ms since 1970, with fractions. */
  readonly times: {
    readonly receivedAt: number;
    readonly decodedAt: number;
    readonly preparedAt: number;
    readonly predictedAt: number;
    readonly gatedAt: number;
    readonly publishedAt: number;
  };
};

/** What a scan measured, and little else: for pictures of many. */
export type SpectrumOf = {
  readonly scanId: string;
  readonly sampleId: string;
  readonly element: string;
  readonly sequence: number;
  /** End of the scan, or where that is not believed when it was published. */
  readonly atMs: number;
  readonly noiseSigma: number;
  /** On the energy scale of the spectrum. */
  readonly e0Ev: number;
  readonly points: number;
};

/** In the order that they were asked for; null: Redis no longer holds it. */
export type SpectraAnswer = {
  readonly spectra: readonly (SpectrumOf | null)[];
  /** Of one after the other its energies [points] and its absorption [points], little-endian Float32. */
  readonly numbers: ArrayBuffer;
};

export type DeadLetterDetail = {
  readonly row: DeadLetterRow;
  /** First bytes of the record's value. */
  readonly value: ArrayBuffer;
  readonly key: ArrayBuffer;
  readonly headers: readonly (readonly [name: string, value: string])[];
};

/** State of what lies behind the server. */
export type Status = {
  readonly redis: 'ok' | 'down';
  /** When it became so, ms since 1970 on the server's clock. */
  readonly redisSince: number;
  /** Newest words of the projections that run; null: none runs. */
  readonly projection: ProjectionReport | null;
  /** End of the log: a page that has not come so far missed something and asks for it. */
  readonly end: Cursor;
};

/**
 * Every question has an answer. While Redis is down, or where a limit refuses the question, it is this one, with the
 * reason, and the page asks again a little later.
 */
export type Unavailable = { readonly unavailable: string };

/** Who looks at this page. Only an operator may write: annotate, acknowledge, mark a standard. */
export type PageVisitor = { readonly name: string; readonly role: 'viewer' | 'operator' };

/** What somebody notes of a sample; with `changeId` it acknowledges that change, and may be without a text. */
export type AnnotationWish = {
  readonly sampleId: string;
  /** The moment that it is about, ms since 1970. */
  readonly at: number;
  readonly scanId: string | null;
  readonly changeId: string | null;
  readonly text: string;
};

/** What is known of a scan that is to be a standard for later ones. */
export type StandardWish = {
  readonly scanId: string;
  readonly known: 'foil' | { readonly value: number; readonly uncertainty: number };
};

/** It is kept, by this id, or why not. */
export type Said = { readonly id: string } | { readonly refused: string };

/** So many changes were acknowledged, or why none was. */
export type Acknowledged = { readonly changes: number } | { readonly refused: string };

/** GET /map?model=HASH, of a hash the first digits as rows have them: training spectra on a model's map. */
export type TrainingMap = {
  readonly elements: readonly string[];
  readonly element: readonly number[]; // [spectra], which of the elements
  readonly x: readonly number[]; // [spectra], as the `mapPosition` of rows
  readonly y: readonly number[]; // [spectra]
  /** By descriptor; null where it is not known. */
  readonly labels: Readonly<Record<string, readonly (number | null)[]>>; // [spectra]
};

/** GET /visitor: what a page that is refused cannot read from its socket. */
export type VisitorAnswer = {
  /** Why a socket would not be let in just now; null: it would. */
  readonly refused: string | null;
  /** Nobody is logged in here, and somebody must be. */
  readonly outside: boolean;
  /** Whether /login leads anywhere. */
  readonly login: boolean;
};

export type ServerToClient = {
  events(events: Events): void;
  /** Redis was rebuilt: what the page holds may no longer be there. */
  rebuilt(): void;
  status(status: Status): void;
  viewers(count: number): void;
  /** Sent once a connection; null: this server asks nobody who he is. `mayWrite`: what he says is taken. */
  visitor(visitor: PageVisitor | null, mayWrite: boolean): void;
  /** Questions are not answered, or the connection ends, and why; while it goes on this is said once a second. */
  refused(reason: string): void;
};

export type ClientToServer = {
  /** A second old at most. */
  snapshot(answer: (snapshot: JsonBytes<Snapshot> | Unavailable) => void): void;
  /**
   * What follows the cursor. `live`: nothing more lies behind, and what comes from now on is sent. Null: begin with a
   * snapshot.
   */
  follow(
    cursor: Cursor,
    answer: (page: { events: JsonBytes<Events>; live: boolean } | null | Unavailable) => void,
  ): void;
  /** One page of a sample's rows, the newest page first, from 0. */
  history(
    sampleId: string,
    page: number,
    answer: (page: { rows: JsonBytes<readonly ScanRow[]>; end: boolean } | Unavailable) => void,
  ): void;
  /** null: Redis no longer holds it. */
  scan(scanId: string, answer: (scan: ScanDetail | null | Unavailable) => void): void;
  /** Of up to 16 scans. */
  spectra(scanIds: readonly string[], answer: (spectra: SpectraAnswer | Unavailable) => void): void;
  annotate(wish: AnnotationWish, answer: (said: Said | Unavailable) => void): void;
  /** Every change of a measurement that nobody has acknowledged, of those with `projectedAt` up to then. */
  acknowledgeAll(upToMs: number, answer: (done: Acknowledged | Unavailable) => void): void;
  markStandard(wish: StandardWish, answer: (said: Said | Unavailable) => void): void;
  deadLetter(deadLetterId: string, answer: (deadLetter: DeadLetterDetail | null | Unavailable) => void): void;
  /** The server's clock, ms since 1970: the page corrects its own by it. */
  clock(answer: (serverMs: number | Unavailable) => void): void;
};
