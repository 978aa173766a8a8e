"""Client of xanes-stream: publish XANES scans, read descriptors, ask a beamline and hear what became of it."""

from ._answer import Received
from ._ask import Asked, about
from .client import TOPICS, Client
from .errors import ClientError, UnknownSchema

__all__ = ["TOPICS", "Asked", "Client", "ClientError", "Received", "UnknownSchema", "about"]
