"""Sets that are downloaded once a machine, on request."""

from core.datasets.remote.catalogue import REMOTE, Remote
from core.datasets.remote.fetching import arrived_bytes, download, downloaded, is_downloaded
from core.datasets.remote.sharing import Downloads, Standing

__all__ = ["REMOTE", "Downloads", "Remote", "Standing", "arrived_bytes", "download", "downloaded", "is_downloaded"]
