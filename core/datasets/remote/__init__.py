"""Datasets that are downloaded once per machine, on request."""
