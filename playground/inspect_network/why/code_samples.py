"""The lines that compute the map of one method: they need PyTorch, the weights in a file and the image in another."""

from __future__ import annotations

from safetensors.torch import save
from torch import nn

from core.errors import PlaygroundError
from core.explain import pooled_head
from core.explain.methods.occlusion import square_side
from core.explain.methods.weighted_maps import MOST_MAPS
from core.lessons.inspect_network import Subject
from core.parsing.evaluation.modules import EvaluatedModule
from core.training.export.modules import network_source
from core.training.export.source_extraction import ScriptSource
from playground.program_text import program

MOST_BYTES = 8_000_000  # of the weights
ALWAYS = ("import torch", "from torch import nn", "from safetensors.torch import load_file")
FUTURE = "from __future__ import annotations"  # our classes say types that they need not import
FUNCTIONAL = "from torch.nn import functional as F"

SETUP = """\
model = network().eval().requires_grad_(False)
model.load_state_dict(load_file("network.safetensors"))
x = load_file("image.safetensors")["x"]  # {shape}, as the network takes it
label = {label}  # {name}"""
KEEP = """\
maps = []


def keep(module, inputs, output):
    maps.append(output.detach().requires_grad_())
    return maps[-1].clone()


model.get_submodule("{layer}").register_forward_hook(keep)
score = model(x)[0, label]"""
GRADIENT = """\
def gradient(image):
    image = image.clone().requires_grad_()
    return torch.autograd.grad(model(image * 1)[0, label], image)[0]

"""
PRINT = """\
row, column = divmod(int(heat_map.abs().argmax()), heat_map.shape[1])
size = "×".join(map(str, heat_map.shape))
print(f"{heat_map[row, column]:+.4g} at row {row}, column {column} of {size}")"""

GRAD_CAM = """\
(g,) = torch.autograd.grad(score, maps[-1])
heat_map = (g.mean((2, 3), keepdim=True) * maps[-1].detach()).sum(1)[0]"""
GRAD_CAM_PLUS_PLUS = """\
(g,) = torch.autograd.grad(score, maps[-1])
a = maps[-1].detach()
denominator = 2 * g**2 + g**3 * a.sum((2, 3), keepdim=True)
alpha = torch.where(denominator == 0, 0.0, g**2 / denominator)
weights = (alpha * g.clamp(min=0)).sum((2, 3), keepdim=True)
heat_map = (weights * a).sum(1)[0]"""
SCORE_CAM = """\
a = maps[-1].detach()[0]
extent = a.amax((1, 2)) - a.amin((1, 2))
a = a[extent.argsort(descending=True, stable=True)[:{most}].sort().values]
large = F.interpolate(a[:, None], x.shape[2:], mode="bilinear", align_corners=False)
low, high = large.amin((2, 3), keepdim=True), large.amax((2, 3), keepdim=True)
masks = (large - low) / (high - low).clamp(min=torch.finfo(x.dtype).tiny)
with torch.no_grad():
    scores = torch.cat([model(x * mask)[:, label] for mask in masks])
heat_map = (scores.softmax(0)[:, None, None] * a).sum(0)"""
OCCLUSION = """\
side, stride = {side}, {stride}
lost, times = torch.zeros(x.shape[2:]), torch.zeros(x.shape[2:])
with torch.no_grad():
    score = model(x)[0, label]
    for top in range(0, x.shape[2] - side + stride, stride):
        for left in range(0, x.shape[3] - side + stride, stride):
            square = (slice(top, top + side), slice(left, left + side))
            covered = x.clone()
            covered[(..., *square)] = 0
            lost[square] += score - model(covered)[0, label]
            times[square] += 1
heat_map = lost / times"""
INTEGRATED = """\
steps = 32
mean = sum(gradient(x * (s + 0.5) / steps) for s in range(steps)) / steps
heat_map = (x * mean).sum(1)[0]"""
SMOOTH = """\
samples, generator = 32, torch.Generator().manual_seed(0)
deviation = 0.15 * (x.max() - x.min())
noisy = (x + deviation * torch.randn(x.shape, generator=generator) for _ in range(samples))
heat_map = (sum(map(gradient, noisy)) / samples).sum(1)[0]"""
GUIDED = """\
for layer in model.modules():
    if isinstance(layer, (nn.ReLU, nn.ReLU6)):
        layer.inplace = False
        layer.register_full_backward_hook(lambda layer, below, above: (below[0].clamp(min=0),))
heat_map = gradient(x).sum(1)[0]"""


def program_of(subject: Subject, method: str, layer: str, label: int) -> str:
    """A program that prints the largest value of the map. Raises: PlaygroundError if the network cannot be written."""
    model, names = subject.model, written_names(subject.model)
    if sum(value.numel() * value.element_size() for value in model.state_dict().values()) > MOST_BYTES:
        raise PlaygroundError(
            f"the lines are written for networks of at most {MOST_BYTES // 1_000_000} MB of weights: this one has more."
        )
    if any(isinstance(module, EvaluatedModule) for module in model.modules()):
        raise PlaygroundError("the lines are written for networks of layers, not for a class of your own.")
    source = ScriptSource(imports=set(ALWAYS))
    body = network_source(model, source)
    setup = SETUP.format(shape=tuple(subject.x_BCHW.shape), label=label, name=repr(subject.classes[label]))
    needs, lines = METHOD_LINES[method](subject, names.get(layer, layer), names)
    written = (source.text(), f"def network():\n{body}", "\n" + setup, *lines, PRINT)
    text = program((*source.imports, *needs), *written)
    return f"{FUTURE}\n\n{text}" if source.pieces else text


def _cam(subject: Subject, layer: str, names: dict[str, str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    head = pooled_head(subject.model, subject.x_BCHW)
    linear = [
        name
        for name, module in subject.model.named_modules()
        if isinstance(module, nn.Linear)
        and module.weight.shape == head.weight.shape
        and module.weight.equal(head.weight)
    ]
    line = "heat_map = maps[-1].detach()[0, label]  # the mean of this map is the logit"
    if linear:
        weight = f'weight = model.get_submodule("{names[linear[-1]]}").weight[label]'
        line = f'{weight}\nheat_map = torch.einsum("k,khw->hw", weight, maps[-1].detach()[0])'
    return (), (KEEP.format(layer=names[head.features]), line)


def _occlusion(subject: Subject, *_: object) -> tuple[tuple[str, ...], tuple[str, ...]]:
    side = square_side(subject.x_BCHW)
    return (), (OCCLUSION.format(side=side, stride=max(1, side // 2)),)


METHOD_LINES = {
    "CAM": _cam,
    "Grad-CAM": lambda subject, layer, names: ((), (KEEP.format(layer=layer), GRAD_CAM)),
    "Grad-CAM++": lambda subject, layer, names: ((), (KEEP.format(layer=layer), GRAD_CAM_PLUS_PLUS)),
    "Score-CAM": lambda subject, layer, names: (
        (FUNCTIONAL,),
        (KEEP.format(layer=layer), SCORE_CAM.format(most=MOST_MAPS)),
    ),
    "Occlusion": _occlusion,
    "Integrated gradients": lambda subject, layer, names: ((), (GRADIENT, INTEGRATED)),
    "SmoothGrad": lambda subject, layer, names: ((), (GRADIENT, SMOOTH)),
    "Guided backprop": lambda subject, layer, names: ((), (GRADIENT, GUIDED)),
}


def written_names(model: nn.Module) -> dict[str, str]:
    """Each module's name -> its name in the network as it is written: in a chain, its number.

    >>> from collections import OrderedDict
    >>> written_names(nn.Sequential(OrderedDict(first=nn.ReLU(), rest=nn.Sequential(nn.ReLU()))))
    {'': '', 'first': '0', 'rest': '1', 'rest.0': '1.0'}
    """
    names = {"": ""}
    for name, module in model.named_modules():
        for number, (child, _) in enumerate(module.named_children()):
            own = str(number) if isinstance(module, nn.Sequential) else child
            names[f"{name}.{child}".lstrip(".")] = f"{names[name]}.{own}".lstrip(".")
    return names


def network_file(subject: Subject) -> bytes:
    """The weights by the names that they have in the program, as safetensors."""
    names = written_names(subject.model)
    tensors = {}
    for key, value in subject.model.state_dict().items():
        module, _, own = key.rpartition(".")
        tensors[f"{names[module]}.{own}".lstrip(".")] = value.detach().clone().contiguous()
    return save(tensors)


def image_file(subject: Subject) -> bytes:
    return save({"x": subject.x_BCHW.detach().clone().contiguous()})
