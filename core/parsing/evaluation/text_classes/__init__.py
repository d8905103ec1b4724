"""Classes that a text defines, and their objects."""
