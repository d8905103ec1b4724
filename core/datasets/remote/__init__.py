"""Sets that are downloaded once a machine, on request."""

from core.datasets.remote.catalogue import REMOTE, Remote
from core.datasets.remote.download import arrived_bytes, download, downloaded, is_downloaded
from core.datasets.remote.download_manager import Downloads, Standing

__all__ = ["REMOTE", "Downloads", "Remote", "Standing", "arrived_bytes", "download", "downloaded", "is_downloaded"]
