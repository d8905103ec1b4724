"""Images of visitors: archives and folders they send, single photos, or a folder of the computer they sit at."""
