"""Arrays in, figure out. Nothing here calls `st.*`; pages import the module they need."""
