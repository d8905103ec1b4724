"""Values for what a text leaves open: numbers, sequences, words and layers that its functions and classes take."""
