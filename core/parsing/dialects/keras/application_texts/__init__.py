"""The ready-made networks of Keras, in our own words, as text that is evaluated."""
