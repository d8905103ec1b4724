"""What augmentation does to a picture and to the truth of its label, measured."""
