"""The subject itself: shapes, layers, networks, memory, data and training. Knows PyTorch, not the browser."""
