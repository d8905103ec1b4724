"""Networks whose paths part and meet again, by addition or concatenation."""
