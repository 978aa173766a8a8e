"""What whoever calls can mend, in one sentence: what was expected, and what was got."""


class ClientError(Exception):
    pass


class UnknownSchema(ClientError):
    """The headers of a record name a schema that this package does not have."""
