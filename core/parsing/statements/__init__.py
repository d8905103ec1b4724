"""Which statements of a text concern its networks, and in what order they are evaluated."""
