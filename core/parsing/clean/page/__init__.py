"""What stands around code on a page, in a mail, a notebook or a terminal, told from it and taken off."""
