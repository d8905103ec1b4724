"""What a server tells those who run it: health, metrics, logs, the admin view, and the headers of what it sends."""
