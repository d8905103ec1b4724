"""What is counted of every row: the fields of `Row` that add up, and how each is called."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """A figure of a row, of a module and of a network.

    Attributes:
        name: as it stands in a sentence.
        per_image: whether it is of one image, not of the whole batch.
        is_bytes: whether it is a number of bytes.
    """

    name: str
    per_image: bool = False
    is_bytes: bool = False

    @property
    def title(self) -> str:
        """Alone, as on a button.

        >>> FIGURES["saved_bytes"].title, FIGURES["macs"].title
        ('Saved activations', 'MACs')
        """
        return self.name[:1].upper() + self.name[1:]

    @property
    def noun(self) -> str:
        """After an amount.

        >>> FIGURES["params"].noun, FIGURES["output_bytes"].noun
        ('parameters', 'of output')
        """
        return f"of {self.name}" if self.is_bytes else self.name

    @property
    def heading(self) -> str:
        """Over amounts that have units of their own.

        >>> FIGURES["macs"].heading, FIGURES["output_bytes"].heading
        ('MACs per image', 'output')
        """
        return f"{self.name} per image" if self.per_image else self.name

    @property
    def column(self) -> str:
        """Over bare numbers.

        >>> FIGURES["macs"].column, FIGURES["output_bytes"].column
        ('MACs per image', 'Output (B)')
        """
        heading = self.heading[:1].upper() + self.heading[1:]
        return f"{heading} (B)" if self.is_bytes else heading


FIGURES = {
    "params": Figure("parameters"),
    "macs": Figure("MACs", per_image=True),
    "output_bytes": Figure("output", is_bytes=True),
    "saved_bytes": Figure("saved activations", is_bytes=True),
}
