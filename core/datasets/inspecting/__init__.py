"""Looking through a set that is loaded: what is in it twice or odd, and how far one gets without learning."""
