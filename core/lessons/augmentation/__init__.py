"""What augmentation does to an image and to the truth of its label, measured."""
