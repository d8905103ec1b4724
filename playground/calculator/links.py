"""How other pages open a network in the calculator: the keys of its address, in one place."""

from __future__ import annotations

from collections.abc import Sequence

PAGE = "pages/calculator.py"
NET, TEXT, EDITS, INPUT, BATCH = "ca_net", "ca_text", "ca_edits", "ca_in", "ca_batch"
OWN = "Your own code"  # the entry of the select box that shows the text


def of_preset(title: str, batch_size: int = 1) -> dict[str, str]:
    """Query parameters that open a preset, by its title in `core.models.MODELS`.

    >>> of_preset("LeNet-5", 32)
    {'ca_net': 'LeNet-5', 'ca_batch': '32'}
    """
    return {NET: title, BATCH: str(batch_size)}


def of_text(text: str, input_shape: Sequence[int] = (), batch_size: int = 1) -> dict[str, str]:
    """Query parameters that open a network's text; without a shape the calculator finds one that fits.

    >>> of_text("nn.Conv2d(1, 8, 3)", (1, 28, 28))["ca_in"]
    '1x28x28'
    """
    shape = {INPUT: "x".join(map(str, input_shape))} if input_shape else {}
    return {NET: OWN, TEXT: text} | shape | {BATCH: str(batch_size)}
