"""Images of visitors: a ZIP of class folders, single photos, or a folder of the computer they sit at."""
