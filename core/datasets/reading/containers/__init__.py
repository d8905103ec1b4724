"""Folders and archives: what files they hold, under which paths, and how to read each. Nothing is unpacked to disk."""

from core.datasets.reading.containers.archive import open_archive
from core.datasets.reading.containers.folder import open_folder
