"""Layers of Keras that are more than a translation of their settings."""
