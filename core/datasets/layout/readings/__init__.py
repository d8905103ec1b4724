"""The readings that a layout allows: by folders, by a table, by file names."""
