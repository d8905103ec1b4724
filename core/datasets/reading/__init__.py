"""From files to images in memory: folders and archives listed, decoded and cached."""
