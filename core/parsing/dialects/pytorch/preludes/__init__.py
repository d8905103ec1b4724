"""What texts import besides layers, in our own words: text that is evaluated like theirs."""
