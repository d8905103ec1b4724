"""Pictures: the samples that come along, and the safe opening of anybody's own. Knows neither torch nor the browser."""

from core.images.opening import (
    BYTE_CAP,
    RefusedPicture,
    decode_square,
    open_picture,
    open_square,
    read_picture,
    salvage,
    square_of,
)
from core.images.resizing import resize, to_square
from core.images.rgb import notes_on_stretching
from core.images.samples import SAMPLES, sample
from core.images.signatures import could_be_image
