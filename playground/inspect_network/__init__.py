"""The page on a whole network: the choice of a network and an image, and a module for each of its tabs."""
