"""What a normalization does to a real network on handwritten digits; everything here is measured."""
