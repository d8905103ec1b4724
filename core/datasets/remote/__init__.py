"""Datasets that are downloaded once per machine, on request."""

from core.datasets.remote.catalogue import REMOTE, RemoteDataset
from core.datasets.remote.download_manager import DownloadManager, DownloadState
from core.datasets.remote.fetch import download, downloaded, downloaded_bytes, is_downloaded

__all__ = [
    "REMOTE",
    "DownloadManager",
    "DownloadState",
    "RemoteDataset",
    "download",
    "downloaded",
    "downloaded_bytes",
    "is_downloaded",
]
