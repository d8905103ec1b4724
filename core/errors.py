"""Errors that teach. Each message names the value, the rule and the way out, in one sentence a student can act on."""


class PlaygroundError(ValueError):
    """Something a person gave us cannot be used; the message is shown to them as it stands."""


class ShapeError(PlaygroundError):
    """Sizes that do not fit together."""


class ParseError(PlaygroundError):
    """Model text that we do not understand."""


class MissingShapeError(ParseError):
    """Model text that does not say how large its input is, where that decides about its layers."""


class PictureError(PlaygroundError):
    """A file that is no picture, or one that we refuse to decode."""


class DataError(PlaygroundError):
    """A folder, archive or download that yields no usable data set."""


class StorageError(PlaygroundError):
    """The disk refuses: it is full, it cannot be written, or a folder on it is gone."""


class ComputationLostError(PlaygroundError):
    """What computed has ended before it was done: the same may work the next time, so no cache may keep this."""
