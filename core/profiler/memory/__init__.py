"""Who holds how many bytes, and when."""
