"""Which input a network takes: one that is typed, one that its text states, or one that is found by trying."""
