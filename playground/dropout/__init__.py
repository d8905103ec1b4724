"""What the dropout lesson says about the numbers of the moment."""
