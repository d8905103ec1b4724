"""Labelled images: built-in datasets, downloads, and any folder or ZIP of class folders, decoded and split."""

from core.datasets.builtin import BUILT_IN
from core.datasets.dataset import ImageDataset, SkippedFile, needed_bytes
from core.datasets.inspecting.cleaning import CleaningReport, inspect
from core.datasets.layout import LayoutChoice, Understanding
from core.datasets.reading.loading import listing_of, load, survey, understood
from core.datasets.remote.catalogue import REMOTE, RemoteDataset
from core.datasets.remote.download_manager import DownloadManager, DownloadState
from core.datasets.remote.fetch import download, downloaded_bytes, is_downloaded
