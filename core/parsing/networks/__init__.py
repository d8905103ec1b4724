"""Which networks a text offers, and which of them comes first."""
