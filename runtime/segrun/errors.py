"""The errors a user of segrun can meet. No click in here: only ``cli.main`` turns one into an exit code.

    SegrunError
    ├── InputError         a picture, raster, mask or folder that cannot be used
    ├── ModelError         a model file that cannot be used
    ├── EngineError        an engine that is absent, has no device, or failed while running
    ├── ParityError        an exported file that does not compute what its parent computes
    ├── OutputError        a place that cannot be written, or holds something else already
    └── MissingExtraError  an optional dependency that is not installed

Every message says what, the value received, and the cure. Wrong arguments from Python callers are ``ValueError``;
our own bugs are neither and keep their traceback.
"""


class SegrunError(Exception):
    """Base of all errors whose message alone is enough to put things right."""


class InputError(SegrunError):
    """A picture, raster, mask or folder cannot be used as it is."""


class ModelError(SegrunError):
    """A model file cannot be used as it is."""


class EngineError(SegrunError):
    """The requested engine is absent, has no device here, or failed while running."""


class ParityError(SegrunError):
    """An exported model does not compute what its parent computes."""


class OutputError(SegrunError):
    """A result cannot be written where it was asked for."""


class MissingExtraError(SegrunError):
    """An optional dependency is not installed.

    Args:
        needed_for: what the user asked for, e.g. ``"reading GeoTIFF"``.
        extra: the extra that brings it, e.g. ``"geo"``.
    """

    def __init__(self, needed_for: str, extra: str) -> None:
        super().__init__(f"{needed_for} needs an optional dependency. Run: pip install 'segrun[{extra}]'.")
