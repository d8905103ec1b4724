"""Sets that are downloaded once a machine, on request."""

from core.datasets.remote.catalogue import REMOTE, Remote
from core.datasets.remote.fetching import download, downloaded, is_downloaded

__all__ = ["REMOTE", "Remote", "download", "downloaded", "is_downloaded"]
