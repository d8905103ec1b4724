"""Loops and calls whose outcome is known without every turn of them."""
