"""Modules of Python's library that a text may use."""
