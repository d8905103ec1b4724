"""The parts of the calculator page, each a file: what is asked, what came out, and the ways of looking at it."""
