"""The address of a file on a page is one that nobody else can work out.

Streamlit makes it of the content by a hash without a key, and of a file above 1 MB it reads three samples of 64 kB.
Whoever has a file could therefore ask whether somebody else is just downloading the same; and of two visitors whose
files differ only between the samples, as weights of a network with a frozen part may, the second one was given the
first one's. Source: `_calculate_file_id` in streamlit/runtime/memory_media_file_storage.py.
"""

from __future__ import annotations

import functools
import hashlib
import secrets

from streamlit.runtime import memory_media_file_storage

KEY_BYTES, ADDRESS_BYTES = 32, 28


@functools.cache
def make_secret() -> None:
    """From now on, for all files that pages of this process show or offer."""
    memory_media_file_storage._calculate_file_id = functools.partial(address, secrets.token_bytes(KEY_BYTES))


def address(key: bytes, data: bytes, mimetype: str, filename: str | None = None) -> str:
    """Equal for equal files, so that one is kept once; without the key as good as random.

    >>> one = address(b"key", b"content", "image/png")
    >>> one == address(b"key", b"content", "image/png"), one == address(b"other", b"content", "image/png")
    (True, False)
    """
    content = hashlib.blake2b(repr((mimetype, filename)).encode() + b"\n", digest_size=ADDRESS_BYTES, key=key)
    content.update(data)
    return content.hexdigest()
