# Made by tools/schemas.ts from schemas/*.avsc. Do not edit.
"""Messages as they are read: a dict for each record."""

from __future__ import annotations

from typing import Literal, TypedDict


Origin = Literal[
    "LIVE",
    "REPLAY",
]


AccumulationStatus = Literal[
    "GROWING",
    "ACCEPTED",
    "STOPPED",
]


class Accumulation(TypedDict):
    """How far repeats of a sample are averaged. Topic xanes.accumulations.v1, record key = sampleId; one for each scan
    that joins, each verdict on a mean, and the end. Written in transactions: read with isolation level read_committed.
    (schemas/accumulation.v1.avsc)"""

    # scanId of its first member.
    accumulationId: str
    # This and the names that follow are those of the scans.
    runId: str
    sampleId: str
    beamline: str
    element: str
    edge: str
    origin: Origin
    # End of the scan that brought it about.
    at: int
    # GROWING: it goes on. ACCEPTED: the gate has accepted. STOPPED: it has ended without that, reason says why.
    status: AccumulationStatus
    # Code of what brought it about.
    reason: str
    # The same in a sentence.
    detail: str
    # scanIds of the scans that are averaged.
    members: list[str]
    # scanId of the newest mean; of one that was accepted, of what was.
    mean: str | None
    # While it grows, how many more scans are needed, by the newest verdict.
    repeatsNeeded: int | None


AcknowledgementStatus = Literal[
    "ACCEPTED",
    "REFUSED",
    "EXPIRED",
    "DUPLICATE",
    "DONE",
    "FAILED",
]


class Source(TypedDict):
    topic: str
    partition: int
    offset: int
    timestamp: int


AcknowledgementReason = Literal[
    "ok",
    "expired",
    "duplicate",
    "malformed-request",
    "unknown-schema",
    "unknown-kind",
    "not-allowed",
    "replayed",
    "not-possible",
    "failed",
    "restarted",
]


class Acknowledgement(TypedDict):
    """What becomes of a request. Topic xanes.acknowledgements.v1, record key as the request's, so that those of one
    request stay in order. First comes one of ACCEPTED, REFUSED and EXPIRED; after ACCEPTED comes DONE or FAILED; each
    further record with the same requestId gets one DUPLICATE. (schemas/acknowledgement.v1.avsc)"""

    # Empty where the request could not be decoded: source says which it is.
    requestId: str
    # Who answers.
    beamline: str
    # Name of the program, or of the person, that answers.
    by: str
    # ACCEPTED: will be carried out. DONE: was. FAILED: was accepted, and could not be. REFUSED, EXPIRED: will not be.
    status: AcknowledgementStatus
    # One of codes; more may come.
    reason: str
    # One sentence for people; empty where there is nothing to say.
    detail: str
    # Of a DUPLICATE: what became of the first one so far.
    earlier: AcknowledgementStatus | None
    # Scans that were measured for it.
    scanIds: list[str]
    # The record that the request came in.
    source: Source
    at: int


Quantity = Literal[
    "MEAN_OXIDATION_STATE",
    "SPECTRUM",
]


ChangeKind = Literal[
    "STEP",
    "DRIFT",
    "STEADY",
    "RETURN",
]


class ChangePoint(TypedDict):
    """A moment from which on a sample differs from what it was. Topic xanes.changes.v1, record key = sampleId. Written
    in transactions: read with isolation level read_committed. (schemas/change.v1.avsc)"""

    # Unique: quantity and the scan with which it was found.
    changeId: str
    # This and the names that follow are those of the scans.
    runId: str
    sampleId: str
    beamline: str
    element: str
    edge: str
    origin: Origin
    # What changed: the mean oxidation state, or the normalised spectrum whatever its baseline, height and energy shift.
    quantity: Quantity
    # STEP: another level. DRIFT: it moves from scan to scan, or has turned back. STEADY: a drift has ended. RETURN: it
    # is back at a former level.
    kind: ChangeKind
    # End of the last scan before the change, which lies between this and firstAfter.
    lastBefore: int
    # End of the first scan after it.
    firstAfter: int
    # End of the scan with which it was found.
    foundAt: int
    # Of the mean oxidation state, by how much it differs from before, with its sign; of a spectrum, root of the sum of
    # squared differences in 16 bins of 2 eV, in units of the edge step. Of a drift, up to foundAt.
    size: float
    # Interval that holds the true size with probability level.
    low: float
    high: float
    level: float
    # Of a drift, its rate, in units of size an hour.
    perHour: float | None
    # Probability that it is a change and no noise; above 0.999.
    confidence: float
    # scanId of the last scan before the change.
    scanBefore: str
    # scanIds of the scans after it that it rests on, 3 to 24, the newest last.
    scansAfter: list[str]
    # Of a return, scanId of the last scan of the former level.
    returnedTo: str | None
    # SHA-256 of the bundle that read the scans.
    modelHash: str
    # The descriptor event with which it was found.
    source: Source


class DeadLetter(TypedDict):
    """A record that could not become descriptors, with its bytes, so that nothing is lost. Topic xanes.dead-letters.v1,
    key as the source record's. Written in the same transactions as the descriptors. (schemas/dead-letter.v1.avsc)"""

    source: Source
    key: bytes | None
    # The original bytes; null where the dead letter would be larger than its topic takes: key and headers are then left
    # out too, and detail says where the record lies.
    value: bytes | None
    # The original headers.
    headers: dict[str, bytes]
    # Reason code.
    reason: str
    # One sentence: the field, what was expected, what was got; at most 601 characters.
    detail: str
    at: int
    # These five are known where the record could be decoded.
    scanId: str | None
    runId: str | None
    sampleId: str | None
    beamline: str | None
    element: str | None


class Model(TypedDict):
    id: str
    # SHA-256 of the model's bundle.json, hex.
    hash: str
    # Library that evaluated them, such as onnxruntime.
    engine: str


class Preparation(TypedDict):
    # Edge energy on the scan's own scale.
    e0Ev: float
    edgeStep: float
    # Added to the scan's energies to reach the model's scale.
    energyShiftEv: float
    # reference-foil, standard-foil or table.
    energyShiftSource: str
    energyScale: str
    # Ends of the fitted pre-edge range, relative to e0Ev.
    preEdgeRangeEv: list[float] | None
    postEdgeRangeEv: list[float] | None
    postEdgeDegree: int
    # Measured part of the model's axis, on the model's scale.
    coveredFromEv: float
    coveredToEv: float
    # Standard deviation of one point of the normalised scan.
    noisePreEdge: float
    noisePostEdge: float
    # The figure that the gate used.
    noiseSigma: float
    # residual or counting.
    noiseMethod: str


class Spectrum(TypedDict):
    energyEv: list[float]
    mu: list[float]


Kind = Literal[
    "CLASS",
    "REAL",
]


Verdict = Literal[
    "ACCEPT",
    "FLAG",
    "REJECT",
]


class Descriptor(TypedDict):
    # OS, CN, CN2, OCN, PSGO, NNRS, MOOD; of oxygen OS, CN, CN2, PSGO, NNRS, NNOSM. More may come: leave out what you do
    # not know.
    name: str
    kind: Kind
    # Empty, or angstrom.
    unit: str
    # Most probable class, or the predicted real.
    value: float
    # Mean over the class probabilities before their calibration; of a real as value. Not to act on: means has the means
    # over sites.
    expected: float
    classes: list[float]
    probabilities: list[float]
    # Calibrated probability of value; null for a real.
    confidence: float | None
    # Interval that holds the true value with probability level.
    low: float
    high: float
    # 0 for a real whose interval was never calibrated; such a class has all classes in its interval.
    level: float
    # Noise above which this descriptor is not accepted.
    noiseThreshold: float
    # Act only on ACCEPT.
    verdict: Verdict
    # Reason code of the verdict; ok where accepted.
    reason: str
    # Probability that value is right, of a real that it is within its tolerance, by all that the gate weighs: what is
    # held against trustThreshold. Null: nothing is calibrated for the element, or the event is of before 2026-11-28,
    # which did not say.
    trust: float | None
    # Least trust that is accepted at the noise of the scan, more where neighbouring points err alike; null: none is, or
    # as trust.
    trustThreshold: float | None


Advice = Literal[
    "ACCEPT",
    "ACCUMULATE",
    "RESCAN",
    "INSPECT",
]


class MapPosition(TypedDict):
    x: float
    y: float


class Mean(TypedDict):
    # OS, CN, OCN.
    name: str
    value: float
    # Interval that holds the true mean with probability level.
    low: float
    high: float
    level: float
    # Act only on ACCEPT.
    verdict: Verdict
    # Reason code of the verdict; ok where accepted.
    reason: str
    # network, one-standard or standards: what it was read by.
    method: str


class Change(TypedDict):
    # OS.
    name: str
    value: float
    # Interval that holds the true change with probability level.
    low: float
    high: float
    level: float
    # scanId of the reference scan.
    since: str


class Times(TypedDict):
    receivedAt: int
    decodedAt: int
    preparedAt: int
    predictedAt: int
    gatedAt: int
    # Handed to the transaction; committed some milliseconds later.
    publishedAt: int


class Descriptors(TypedDict):
    """What one scan says of its absorber, with a verdict on every value. Topic xanes.descriptors.v1, record key =
    sampleId. Written in transactions: read with isolation level read_committed. (schemas/descriptors.v1.avsc)"""

    scanId: str
    runId: str
    sampleId: str
    beamline: str
    element: str
    edge: str
    sequence: int
    origin: Origin
    startedAt: int
    endedAt: int
    metadata: dict[str, str]
    # The record that the scan came in.
    source: Source
    model: Model
    # What was done to the scan before the model saw it.
    preparation: Preparation
    # The normalised scan on the model's energy scale, for people.
    spectrum: Spectrum
    descriptors: list[Descriptor]
    advice: Advice
    adviceReason: str
    # Where the advice is ACCUMULATE: how many more scans of the sample, each as noisy as this one (of a mean, as one of
    # its members), must be averaged with it.
    repeatsNeeded: int | None
    # Of a mean of repeats, scanIds of the scans that it is the mean of; else empty.
    members: list[str]
    # Of a preview, the measured part of a scan that still goes on: scanId of the whole, whose event takes its place.
    # Null: the scan is whole.
    partialOf: str | None
    # Out-of-distribution score: the distance to the nearest training spectrum and the odds that no oxide has such a
    # spectrum, put together. May be infinite. Above noveltyLimit nothing is accepted but a mean between standards.
    novelty: float
    noveltyLimit: float
    # Where the scan lies on the map of the model's training spectra (models/NAME/map.json), among its ten nearest of
    # the element. Null where it lies nowhere on it: novelty is above noveltyLimit, or the map does not show the
    # element, or the model has no map. For pictures; nothing is judged by it.
    mapPosition: MapPosition | None
    # What had to be mended before the scan could be read, such as points out of order or a spike; a sentence each.
    notes: list[str]
    # Ids of the beamline's standards that applied to the scan, by its own beamline, element, edge and time.
    standards: list[str]
    # Standard uncertainty of the scan's energies on the model's scale.
    energySigmaEv: float | None
    # Means over all sites of the sample, which is what a measurement sees. Empty of oxygen.
    means: list[Mean]
    # Probability that sites of the sample differ in oxidation state or coordination.
    mixedSites: float | None
    # By how much the mean oxidation state differs from that of the reference scan of its run and sample.
    change: Change | None
    # When each stage was done, microseconds since 1970.
    times: Times


KnownOfStandard = Literal[
    "FOIL",
    "MEAN_OXIDATION_STATE",
]


class StandardAsked(TypedDict):
    scanId: str
    # MEAN_OXIDATION_STATE: the next two are given.
    known: KnownOfStandard
    # Mean over all atoms of the absorber.
    meanOxidationState: float | None
    # Its standard uncertainty.
    uncertainty: float | None


RequestKind = Literal[
    "more-scans",
    "rescan",
    "stop",
    "pause",
    "next-energy-range",
    "annotate",
    "set-standard",
]


class Request(TypedDict):
    """What an agent or a person asks of a beamline's data acquisition. Topic xanes.requests.v1, record key = beamline
    in UTF-8, so that what one beamline is asked stays in order. However often it is published, it is carried out at
    most once: requestId tells. The beamline may refuse it; each is answered by acknowledgements.
    (schemas/request.v1.avsc)"""

    # Unique. Published again with the same id it is the same request.
    requestId: str
    # What is asked for: one of kinds, each with the fields that it needs. More may come: what is not known is refused
    # with unknown-kind.
    kind: str
    # Who is asked, as in the scans.
    beamline: str
    # What it is about, as in the scans; null: whichever is being measured.
    runId: str | None
    sampleId: str | None
    # Where several edges are measured.
    element: str | None
    edge: str | None
    # Who asks: the name of an agent or of a person.
    askedBy: str
    # A sentence for people.
    why: str
    # Scans whose events made it.
    scanIds: list[str]
    askedAt: int
    # Later than askedAt. Who comes to it at this time or later leaves it alone.
    validUntil: int
    # REPLAY: asked because of a recording or a simulation. A beamline that measures refuses it.
    origin: Origin
    # Of more-scans.
    scans: int | None
    # Of next-energy-range: eV, absolute, below toEv.
    fromEv: float | None
    toEv: float | None
    # Of annotate.
    text: str | None
    # Of set-standard: what is known of which scan.
    standard: StandardAsked | None


RunState = Literal[
    "STARTED",
    "ENDED",
]


ExitStatus = Literal[
    "SUCCESS",
    "ABORT",
    "FAIL",
]


class Run(TypedDict):
    """That a run has started, or that it has ended: without it nobody can tell an end from a loss of beam. Topic
    xanes.runs.v1, record key = runId in UTF-8; the newest record of a run holds. (schemas/run.v1.avsc)"""

    # This and beamline as in the scans.
    runId: str
    beamline: str
    state: RunState
    # ms since 1970 UTC; null where who says that it has ended does not know.
    startedAt: int | None
    # Of a run that has ended; no scan of it ends later.
    endedAt: int | None
    # Of a run that has ended: as planned, by somebody's wish before, or by an error.
    exitStatus: ExitStatus | None
    # Why it has ended, a sentence for people; may be empty.
    reason: str
    # Of a run that has ended: how many scans of it were published, where that is known.
    scans: int | None
    # REPLAY: a recording or a simulation.
    origin: Origin
    # Free text, such as a proposal or a sample holder; of Bluesky, bluesky.run is the uid of the start document.
    metadata: dict[str, str]


ScanMode = Literal[
    "MU",
    "TRANSMISSION",
    "FLUORESCENCE",
]


# One XANES scan. Topic xanes.scans.v1, record key = sampleId in UTF-8, so that one sample's scans stay in order. All
# arrays have the length of energyEv. What is beyond a bound becomes a dead letter; the key has at most 4,096 bytes.
# (schemas/scan.v1.avsc)
Scan = TypedDict("Scan", {
    # Unique over all runs; a scan published twice with one id is shown once. At most 1,024 characters, as the three
    # names that follow.
    "scanId": "str",
    "runId": "str",
    "sampleId": "str",
    "beamline": "str",
    # Symbol of the absorber, such as Co; at most 16 characters, as edge.
    "element": "str",
    # Absorption edge.
    "edge": "str",
    # MU: mu is given. TRANSMISSION: mu = ln(i0/it). FLUORESCENCE: mu = if/i0.
    "mode": "ScanMode",
    # eV, absolute, increasing: small steps back are sorted, and energies that turn begin another sweep. 20 to 20,000
    # points of a sweep, within 1 and 200,000 eV. Numbers of the channels are at most 1e30 in size.
    "energyEv": "list[float]",
    # Absorption, any scale; needed in mode MU.
    "mu": "list[float] | None",
    # Incident intensity; needed in modes TRANSMISSION and FLUORESCENCE.
    "i0": "list[float] | None",
    # Transmitted intensity; needed in mode TRANSMISSION.
    "it": "list[float] | None",
    # Fluorescence intensity; needed in mode FLUORESCENCE.
    "if": "list[float] | None",
    # Absorption of the reference foil measured beside the sample; calibrates the energies.
    "muReference": "list[float] | None",
    # Intensity behind the reference foil: muReference = ln(it/iReference). Used where muReference is null.
    "iReference": "list[float] | None",
    # Standard uncertainty of mu at each point, from counting statistics.
    "muSigma": "list[float] | None",
    # Start of the scan, ms since 1970 UTC, before 2100.
    "startedAt": "int",
    # End of the scan; end-to-end latency counts from here.
    "endedAt": "int",
    # Number of the scan in its run, from 0.
    "sequence": "int",
    # REPLAY: a recording or a simulation, shown as such.
    "origin": "Origin",
    # Free text, passed on to the descriptors; at most 1,000 entries and 400,000 characters in all. energy.scale
    # (default measured) names the energy scale: measured, feff9, feff10. Other names with a meaning: energy.sigma,
    # sweep.elements, note, accumulation.members, partial.of.
    "metadata": "dict[str, str]",
})
