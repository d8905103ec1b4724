"""Normalization: which cells share a mean and a variance, and what that does to a network."""

from playground import lesson

with lesson.idea(
    "Batch, layer, instance and group normalization use the same formula. They differ in **which cells share a mean "
    "and a variance**: choose a cell to see."
):
    from playground.normalization import batch_size, before_after, cube, folding, placement, train_vs_eval

lesson.tabs(
    {
        "The cube": cube.section,
        "Before and after": before_after.section,
        "Order in a block": placement.section,
        "Train vs. eval": train_vs_eval.section,
        "Batch size": batch_size.section,
        "Folding into the convolution": folding.section,
    }
)
