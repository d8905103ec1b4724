"""Processes that live as long as the server and compute for it what would stop its other threads."""
