"""Tensors that have a shape, a type and a storage of known size, but no bytes: a network runs on them for free."""
