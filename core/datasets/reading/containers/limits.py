"""How much of a folder or an archive is read."""

ENTRY_CAP = 60_000
HEAD = 4096  # bytes of a file's beginning by which its kind is recognised
