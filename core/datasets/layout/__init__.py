"""What the folders, file names and tables of a source mean: the class and the split of every image."""

from core.datasets.layout.choice import LayoutChoice
from core.datasets.layout.interpret import interpret
from core.datasets.layout.listing import Candidate, LayoutReading, Listing, SourceContents, SourceFile
from core.datasets.layout.understanding import Understanding
