"""Networks that are one chain, each layer fed by the one before."""
