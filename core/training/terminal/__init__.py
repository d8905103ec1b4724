"""A run in a terminal: what is trained, the progress bar, interruptions, and what is printed in the end."""
