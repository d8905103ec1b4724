"""From files to pictures in memory: folders and archives listed, decoded and kept."""
