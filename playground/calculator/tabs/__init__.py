"""What lies under the drawing, a tab each."""
