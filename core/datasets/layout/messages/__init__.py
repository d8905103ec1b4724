"""Sentences on what was understood, and on why nothing can be trained on it."""
