"""Tables that come with images: which column names the files, which the classes, which the splits."""
