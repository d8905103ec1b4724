"""Input that no honest browser sends: generators of it, and tests that nothing comes of it."""
