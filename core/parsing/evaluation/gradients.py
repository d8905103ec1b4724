"""Functions with a gradient of their own: what `forward` of a `torch.autograd.Function` is handed as its context."""

from core.parsing.evaluation.values import Builtin, Class

_KEPT = ("save_for_backward", "save_for_forward", "mark_dirty", "mark_non_differentiable", "set_materialize_grads")
_KEEP = {name: Builtin(name, lambda call, *args, **kwargs: None, needs_call=True) for name in _KEPT}
CONTEXT = Class("context", (), dict(_KEEP), 0)  # what `forward` of a function with its own gradient keeps things in
