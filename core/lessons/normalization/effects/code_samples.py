"""What the tabs of the normalization lesson show, as programs that need nothing of this project."""

from __future__ import annotations

from core.layers import activations, normalization
from core.layers.activations import ACTIVATIONS, code_of
from core.layers.initialization import INITIALIZATIONS
from core.layers.normalization import NORMALIZATIONS
from core.lessons.activations import SATURATION_SLOPE
from core.lessons.code_block import definition, with_imports
from core.lessons.normalization.effects import batch_size, network, running_statistics, train_vs_eval
from core.lessons.normalization.effects.before_after import ALL, CHANNELS, DEPTH, TRAINED, ChannelAffine, LayerSelection
from core.lessons.normalization.effects.network import BATCH, EPS, ORDERS, PLAIN, RATE, VALIDATION_SIZE, BlockNet

DIGITS = f"""\
digits = load_digits()
x = torch.from_numpy(digits.images).float()[:, None]  # (1797, 1, 8, 8)
x, labels = (x - x.mean()) / x.std(), torch.from_numpy(digits.target)
order = torch.randperm(len(x), generator=torch.Generator().manual_seed(0))
validation, training = order[:{VALIDATION_SIZE}], order[{VALIDATION_SIZE}:]"""
BATCHES = """\
def batches(size, seed):  # endless, shuffled anew each epoch
    generator = torch.Generator().manual_seed(seed)
    while True:
        for index in training[torch.randperm(len(training), generator=generator)].split(size):
            if len(index) == size:
                yield x[index], labels[index]"""
TRAIN = """\
for _, (images, targets) in zip(range({steps}), batches({size}, {seed})):  # plain SGD
    network.zero_grad()
    F.cross_entropy(network(images), targets).backward()
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.sub_({rate} * parameter.grad)"""
BEFORE_AFTER = """\
with torch.no_grad():
    before = x[validation]
    for block in network[:{inner}]:
        before = block(before)
    before = network[{inner}].conv(before)[:{batch}]  # (B, C, H, W)
    norm = {norm}  # in training mode
{affine}    after = norm(before)


def flat(values):  # share of the values at which the activation has a slope of less than {slope}, up or down
    values = values.clone().requires_grad_()
    (slope,) = torch.autograd.grad({activation}(values).sum(), values)
    return (slope.abs() < {slope}).double().mean((0, 2, 3))


for name, values in (("before", before), ("after", after)):
    means, stds = values.mean((0, 2, 3)), values.std((0, 2, 3), correction=0)
    print(name, *(f"{{mean:.3f}}" for mean in means), "std", *(f"{{std:.3f}}" for std in stds))
    print(f"flat: {{100 * flat(values).mean():.1f}} %")"""
ORDER = """\
inputs = []
for block in network[:-2]:
    block.activation.register_forward_pre_hook(lambda module, args: inputs.append(args[0].detach()))
images, targets = next(batches({size}, {seed}))
loss = F.cross_entropy(network(images), targets)
loss.backward()
print(f"loss {{loss.item():.4g}}")
for number, block in enumerate(network[:-2]):
    values = inputs[number].clone().requires_grad_()
    (slope,) = torch.autograd.grad(block.activation(values).sum(), values)
    gradient = block.conv.weight.grad.double().norm().item()
    dead = (slope == 0).flatten(1).all(0).double().mean().item()
    flat = (slope.abs() < {slope}).double().mean().item()
    print(f"block {{number + 1}}: gradient {{gradient:.3g}}, dead {{100 * dead:.1f}} %, flat {{100 * flat:.1f}} %")"""
TRAIN_VS_EVAL = """\
image, others = validation[{image}], np.delete(np.arange({count}), {image})
truth = labels[image]
network.eval()
with torch.no_grad():
    accuracy = (network(x[validation]).argmax(1) == labels[validation]).double().mean().item()
    evaluation = network(x[image][None]).softmax(1)[0, truth]
print(f"eval(): {{evaluation:.4f}}, accuracy {{100 * accuracy:.1f}} %")
network.train()  # from here on each batch has its own statistics
spreads, accuracies = {{}}, {{}}
for size in {sizes}:
    rng, shares = np.random.default_rng(({seed}, size)), []
    for _ in range({draws}):
        batch = [{image}, *rng.choice(others, size - 1, replace=False)]
        with torch.no_grad():
            shares.append(network(x[validation[batch]]).softmax(1)[0, truth].item())
    correct, count = 0, {count} // size * size  # full batches only
    for batch in validation[:count].split(size):
        with torch.no_grad():
            correct += (network(x[batch]).argmax(1) == labels[batch]).sum().item()
    spreads[size], accuracies[size] = (min(shares), max(shares)), correct / count
    spread = f"{{min(shares):.4f}} to {{max(shares):.4f}}"
    print(f"batches of {{size}}: {{spread}}, accuracy {{100 * accuracies[size]:.1f}} %")"""
BATCH_SIZE = """\
with torch.no_grad():
    values = x[validation]
    for block in network[:{inner}]:
        values = block(values)
    values = network[{inner}].conv(values)[:, {channel}].double().flatten(1).numpy()  # (images, cells)

means, squares = values.mean(1), (values**2).mean(1)  # of each image
mean, variance = means.mean(), squares.mean() - means.mean() ** 2
order = np.random.default_rng({seed}).random(({draws}, len(means))).argsort(1)[:, :{size}]
batch_mean, batch_square = means[order].mean(1), squares[order].mean(1)
rmse = np.sqrt(((batch_mean - mean) ** 2).mean() / variance)
theory = means.std() / np.sqrt({size}) * np.sqrt(({count} - {size}) / ({count} - 1)) / np.sqrt(variance)
errors = np.abs(batch_square - batch_mean**2 - variance) / variance
low, median, high = 100 * np.quantile(errors, {band})
print(f"mean: {{rmse:.3f}}, theory {{theory:.3f}}; variance: {{low:.1f}} %, {{median:.1f}} %, {{high:.1f}} %")"""
FOLDING = """\
@torch.no_grad()
def folded(network):  # a copy whose batch norms are merged into the convolutions before them
    network = copy.deepcopy(network)
    for block in network[:-2]:
        conv, norm = block.conv, block.norm
        a = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        conv.weight.mul_(a[:, None, None, None])
        conv.bias.copy_(a * (conv.bias - norm.running_mean) + norm.bias)
        block.norm = nn.Identity()
    return network


network.eval()
differences = {{}}
with torch.no_grad():
    for dtype in (torch.float32, torch.float64):
        plain = copy.deepcopy(network).to(dtype)
        one, two = plain(x[validation].to(dtype)), folded(plain)(x[validation].to(dtype))
        same = (one.argmax(1) == two.argmax(1)).sum()
        differences[dtype] = (one - two).abs().max()
        print(f"{{dtype}}: {{differences[dtype]:.3g}} of {{one.abs().max():.4g}}, same prediction: {{same}}")
block = network[{block}]
fused = torch.nn.utils.fusion.fuse_conv_bn_eval(block.conv, block.norm)  # PyTorch's own, for one block
a = block.norm.weight / torch.sqrt(block.norm.running_var + block.norm.eps)
print(f"block {number}, channel {channel}: a = {{a[{channel}]:.6f}}, b' = {{fused.bias[{channel}]:.4f}}")"""


def network_code(net: BlockNet, seed: int) -> list[str]:
    """Definitions of what PyTorch lacks, then the lines that build the network and fill its weights."""
    blocks, channels, side = [], 1, network.SIDE
    for index in range(net.depth):
        blocks.append(f"    nn.Sequential(OrderedDict({_block_code(net, index, channels, side)})),")
        channels, side = network.WIDTH, side // 2 if net.pools(index) else side
    head = f"    nn.Flatten(),\n    nn.Linear({channels * side**2}, {network.CLASSES}),"
    definitions = [_own(activations, ACTIVATIONS[net.activation].own)]
    definitions += [_own(normalization, NORMALIZATIONS[net.norm].own)] if net.order != PLAIN else []
    return [*definitions, "\n".join(["network = nn.Sequential(", *blocks, head, ")", *_initialization(net, seed)])]


def _block_code(net: BlockNet, index: int, channels: int, side: int) -> str:
    parts = []
    for part in ORDERS[net.order].parts:
        if part == "conv":
            parts.append(f"conv=nn.Conv2d({channels}, {network.WIDTH}, 3, padding=1)")
            channels = network.WIDTH
        elif part == "norm":
            parts.append(f"norm={norm_code(net.norm, channels, side)}")
        elif part == "activation":
            parts.append(f"activation={activation_code(net.activation)}")
        elif net.pools(index):
            parts.append("pool=nn.MaxPool2d(2)")
            side //= 2
    return ", ".join(parts)


def norm_code(name: str, channels: int, side: int) -> str:
    """The expression that builds a normalization as the networks of this lesson have it."""
    knobs = network.norm_knobs(channels)
    return NORMALIZATIONS[name].code.format(channels=channels, height=side, width=side, eps=EPS, **knobs)


def activation_code(name: str) -> str:
    return code_of(name, ACTIVATIONS[name].defaults)


def _own(module: object, name: str) -> str:
    return definition(getattr(module, name)) if name else ""


def _initialization(net: BlockNet, seed: int) -> list[str]:
    fill = INITIALIZATIONS[network.scheme_of(net)].code
    return [
        f"generator = torch.Generator().manual_seed({seed})",
        "for layer in network.modules():",
        "    if isinstance(layer, (nn.Conv2d, nn.Linear)):",
        f"        {fill}",
        "        nn.init.zeros_(layer.bias)",
    ]


def training_code(steps: int, rate: float, size: int, seed: int) -> list[str]:
    """The batches, and plain SGD on them."""
    return [BATCHES, TRAIN.format(steps=steps, rate=rate, size=size, seed=seed)] if steps else []


def _unnormalized(seed: int, trained: bool) -> list[str]:
    """The network without normalization whose channels are looked at."""
    net = BlockNet(order=PLAIN, depth=DEPTH)
    return [DIGITS, *network_code(net, seed), *training_code(TRAINED if trained else 0, RATE, BATCH, seed)]


def before_after_code(selection: LayerSelection, affine: ChannelAffine, side: int) -> str:
    """Mean, std and share of flat values of every channel, before and after normalization."""
    entry, activation = NORMALIZATIONS[selection.norm], ACTIVATIONS[selection.activation]
    values = {"weight": affine.gamma} | ({"bias": affine.beta} if entry.affine == "both" else {})
    where = "" if affine.channel == ALL else f"[{affine.channel}]"
    settings = "".join(f"    norm.{name}{where}.fill_({value})\n" for name, value in values.items())
    text = BEFORE_AFTER.format(
        inner=selection.layer - 1,
        batch=selection.batch,
        norm=norm_code(selection.norm, CHANNELS, side),
        affine=settings,
        activation=activation_code(selection.activation),
        slope=SATURATION_SLOPE,
    )
    definitions = [_own(normalization, entry.own), _own(activations, activation.own)]
    return with_imports([*_unnormalized(selection.seed, selection.trained), *definitions, text])


def order_code(net: BlockNet, seed: int) -> str:
    """Loss, gradients, dead units and flat values of a network before training."""
    text = ORDER.format(size=BATCH, seed=seed, slope=SATURATION_SLOPE)
    return with_imports([DIGITS, BATCHES, *network_code(net, seed), text])


def train_vs_eval_code(
    training: running_statistics.BatchNormTraining,
    batches: int,
    convention: str,
    momentum: float,
    image: int,
    seed: int,
) -> str:
    """Probability of the true class and accuracy in both modes."""
    pytorchs = {"PyTorch": momentum, "Keras": f"1 - {momentum}", "None": None}[convention]
    setting = (
        "for module in network.modules():\n    if isinstance(module, nn.BatchNorm2d):\n"
        f"        module.momentum = {pytorchs}"
    )
    rate = running_statistics.RATE if training.learns else 0.0
    text = TRAIN_VS_EVAL.format(
        image=image, count=VALIDATION_SIZE, sizes=train_vs_eval.SIZES, seed=seed, draws=train_vs_eval.DRAWS
    )
    trained = training_code(batches, rate, training.batch, training.seed)
    return with_imports([DIGITS, *network_code(running_statistics.NET, training.seed), setting, *trained, text])


def batch_size_code(selection: batch_size.ChannelSelection, size: int) -> str:
    """The errors of batch statistics for one batch size."""
    text = BATCH_SIZE.format(
        inner=selection.layer - 1, channel=selection.channel, seed=selection.seed, draws=batch_size.DRAWS, size=size,
        count=VALIDATION_SIZE, band=batch_size.BAND,
    )  # fmt: skip
    return with_imports([*_unnormalized(selection.seed, selection.trained), text])


def folding_code(net: BlockNet, seed: int, steps: int, block: int, channel: int) -> str:
    """The difference that folding makes, and the new convolution of one block by PyTorch."""
    text = FOLDING.format(block=block - 1, number=block, channel=channel)
    return with_imports([DIGITS, *network_code(net, seed), *training_code(steps, RATE, BATCH, seed), text])
