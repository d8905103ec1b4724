"""What visitors bring: a zip of class folders, photographs one by one, or a folder of the computer they sit at."""
