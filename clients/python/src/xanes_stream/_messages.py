"""The codecs of the messages, and what holds between their fields."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ._codec import Codec
from .errors import ClientError
from .messages import Accumulation, Acknowledgement, ChangePoint, DeadLetter, Descriptors, Request, Run, Scan

SCAN: Codec[Scan] = Codec("scan.v1.avsc")
DESCRIPTORS: Codec[Descriptors] = Codec("descriptors.v1.avsc")
DEAD_LETTER: Codec[DeadLetter] = Codec("dead-letter.v1.avsc")
RUN: Codec[Run] = Codec("run.v1.avsc")
REQUEST: Codec[Request] = Codec("request.v1.avsc")
ACKNOWLEDGEMENT: Codec[Acknowledgement] = Codec("acknowledgement.v1.avsc")
CHANGE: Codec[ChangePoint] = Codec("change.v1.avsc")
ACCUMULATION: Codec[Accumulation] = Codec("accumulation.v1.avsc")

_CHANNELS = ("mu", "i0", "it", "if", "muReference", "iReference", "muSigma")
_NEEDED = {"MU": ("mu",), "TRANSMISSION": ("i0", "it"), "FLUORESCENCE": ("i0", "if")}

REQUEST_KINDS: Mapping[str, Mapping[str, Any]] = next(f for f in REQUEST.fields if f["name"] == "kind")["kinds"]
"""Every kind of request, with the fields that it needs."""


def whole_scan(scan: Mapping[str, Any]) -> Scan:
    """
    A scan with its defaults; numbers may lie in NumPy arrays. Raises a ClientError where the processor would refuse it
    whatever its numbers: what these are worth it says itself.
    """
    defaults = {"edge": "K", "origin": "LIVE", "metadata": {}} | dict.fromkeys(_CHANNELS)
    whole: dict[str, Any] = defaults | dict(scan)
    unknown = whole.keys() - {field["name"] for field in SCAN.fields}
    if unknown:
        raise ClientError(f"Expected fields of a scan, got {', '.join(sorted(unknown))}")
    for name in ("energyEv", *_CHANNELS):
        if whole.get(name) is not None:
            whole[name] = [float(value) for value in whole[name]]
    for name in ("scanId", "sampleId"):
        if whole.get(name) == "":
            raise ClientError(f"Expected {name} not to be empty")
    for name in _NEEDED.get(str(whole.get("mode")), ()):
        if whole[name] is None:
            raise ClientError(f"Expected {name}, which mode {whole['mode']} needs, got None")
    points = len(whole.get("energyEv") or [])
    for name in _CHANNELS:
        if whole[name] is not None and len(whole[name]) != points:
            raise ClientError(f"Expected {name} to have {points} numbers, as energyEv, got {len(whole[name])}")
    return whole  # type: ignore[return-value]


def contradiction(request: Request) -> str | None:
    """None where a request has what its kind needs, and its fields fit each other; else what does not."""
    kind, values = request["kind"], dict(request)
    if kind not in REQUEST_KINDS:
        return f"Expected kind to be one of {', '.join(REQUEST_KINDS)}, got {kind}"
    missing = next((name for name in REQUEST_KINDS[kind]["needs"] if values[name] is None), None)
    if missing is not None:
        return f"Expected {missing}, which {kind} needs, got None"
    if request["validUntil"] <= request["askedAt"]:
        return f"Expected validUntil to be later than askedAt, got {request['validUntil']}"
    from_ev, to_ev, standard = request["fromEv"], request["toEv"], request["standard"]
    if from_ev is not None and to_ev is not None and from_ev >= to_ev:
        return f"Expected fromEv to be below toEv, got {from_ev} and {to_ev}"
    if standard is not None and standard["known"] == "MEAN_OXIDATION_STATE":
        if standard["meanOxidationState"] is None or standard["uncertainty"] is None:
            return "Expected meanOxidationState and uncertainty of the standard, got None"
    return None
