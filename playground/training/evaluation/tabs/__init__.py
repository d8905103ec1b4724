"""The tabs of a finished run: a file each, with a function `show(left)`."""
