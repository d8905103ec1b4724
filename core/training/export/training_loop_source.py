"""The part of a script that trains: one loop, with lines for the options of the run and none for those that are off."""

from __future__ import annotations

from core.optim import get_optimizer, get_precision
from core.optim.schedules import factor_of
from core.training import seeding
from core.training.batches import ImageNormalization, batches_per_epoch, shuffled
from core.training.export.source_extraction import ScriptSource
from core.training.loop import VALIDATION_BATCH
from core.training.mechanics.ema import ModelEma
from core.training.mechanics.learner import groups, log_probabilities
from core.training.preparing.input_pipeline import image_size_at
from core.training.recipe.config import TrainConfig
from core.training.recipe.networks import network_of

KEEP_BEST = """    if best[2] and math.isfinite(total):  # the weights of the epoch with the lowest validation loss
        {predictor}.load_state_dict(best[2])"""


def loop_source(config: TrainConfig, source: ScriptSource, pretrained: str, where: str) -> str:
    """Functions `network_input`, `validate` and `main`; what they call is added to `source`.

    `where` is the argument of `main`, "" where the images come from nowhere.
    """
    source.take(seeding.seed_of, seeding.generator, ImageNormalization, shuffled, batches_per_epoch, log_probabilities)
    source.take_as("factor", factor_of(config.schedule))
    entry = network_of(config.network)
    frozen = entry.body is not None
    if entry.body and entry.head:
        source.take_as("body", entry.body)
        source.take_as("head", entry.head)
    if config.ema:
        source.take(ModelEma)
    if config.first_size < 1:
        source.take(image_size_at)
    normal = f"ImageNormalization(*{entry.normalization!r})" if entry.normalization else "ImageNormalization.of(images)"
    parts = [_shown(config), _features(config) if frozen else "", _validate(config, frozen)]
    return "\n".join([*filter(None, parts), _main(config, source, frozen, normal, pretrained, where)])


def _autocast(config: TrainConfig, margin: str, inside: str) -> str:
    """Lines as they are, or inside an autocast."""
    dtype = get_precision(config.precision).autocast
    if dtype is None:
        return "".join(f"{margin}{line}\n" for line in inside.splitlines())
    lines = "".join(f"{margin}    {line}\n" for line in inside.splitlines())
    return f"{margin}with torch.autocast(DEVICE, {dtype}):\n{lines}"


def _shown(config: TrainConfig) -> str:
    layout = "torch.channels_last" if config.channels_last else "torch.contiguous_format"
    return f'''
def network_input(images, normalize):
    """Images as the network takes them."""
    return normalize(images.to(DEVICE)).contiguous(memory_format={layout})

'''


def _features(config: TrainConfig) -> str:
    return f'''
@torch.no_grad()
def features(model, images, normalize, groups):
    """The output of the frozen part for every image, computed once: (N, F)."""
    model.eval()
    rows = {{}}
    missing = set(range(len(images))) - set(torch.cat(groups).tolist())
    for group in [*groups, *([torch.tensor(sorted(missing))] if missing else [])]:
        x = network_input(images[group], normalize)
{_autocast(config, "        ", "output = body(model, x).float()")}        rows |= dict(zip(group.tolist(), output))
    return torch.stack([rows[index] for index in range(len(images))])

'''


def _validate(config: TrainConfig, frozen: bool) -> str:
    batch = "x[part]" if frozen else "network_input(x[part], normalize)"
    call = f"parts.append(log_probabilities(model, {batch}, {config.test_flip and not frozen}))"
    return f'''
@torch.no_grad()
def validate(model, x, labels, normalize):
    """Mean cross-entropy and accuracy."""
    model.eval()
    parts = []
    for part in torch.arange(len(labels)).split({VALIDATION_BATCH}):
{_autocast(config, "        ", call)}    predicted = torch.cat(parts)
    loss = F.nll_loss(predicted, labels, reduction="sum").item() / len(labels)
    return loss, (predicted.argmax(1) == labels).double().mean().item()

'''


def _main(config: TrainConfig, source: ScriptSource, frozen: bool, normal: str, pretrained: str, where: str) -> str:
    layout = "torch.channels_last" if config.channels_last else "torch.contiguous_format"
    predictor = "average.model" if config.ema else "model"
    figures = f"validate({f'head({predictor})' if frozen else predictor}, val_x, val_labels, normalize)"
    steps = [
        f"def main({where}):",
        f"    images, labels, val_images, val_labels = load_images({where})",
        "    images, val_images = (x.to(memory_format=torch.channels_last) for x in (images, val_images))",
        f"    normalize = {normal}",
        f"    torch.manual_seed(seed_of(SEED, Purpose.{seeding.Purpose.INITIALIZATION.name}))",
        "    model = network()",
        *pretrained.splitlines(),
        f"    model = model.to(DEVICE, memory_format={layout})",
        *_learning(config, frozen),
        f"    optimizer = {_optimizer(config, source)}",
        *(["    scaler = torch.amp.GradScaler(DEVICE)"] if get_precision(config.precision).scales_loss else []),
        *([f"    average = ModelEma(model, {config.ema!r})"] if config.ema else []),
        "    val_labels = val_labels.to(DEVICE)",
        "    steps, step = EPOCHS * batches_per_epoch(len(images), BATCH_SIZE), 0",
        *(["    best = math.inf, 0, None  # validation loss, epoch, weights"] if config.patience else []),
        "    for epoch in range(EPOCHS):",
        "        total, seen = 0.0, 0  # losses and images of this epoch",
        "        for index in shuffled(len(images), BATCH_SIZE, SEED, epoch):",
        *(f"            {line}" for line in _step(config, frozen)),
        "            seen += len(index)",
        "            if not math.isfinite(total):",
        "                break",
        "        if not math.isfinite(total):",
        '            print(f"the loss became NaN or infinite after {step} steps (diverged): stopped")',
        "            break",
        f"        loss, accuracy = {figures}",
        '        losses = f"training loss {total / seen:.4f}, validation {loss:.4f}, accuracy {accuracy:.2%}"',
        '        print(f"epoch {epoch + 1}: {losses}")',
        *_patience(config, predictor),
        *([KEEP_BEST.format(predictor=predictor)] if config.patience else []),
        f"    loss, accuracy = {figures}",
        '    print(f"validation accuracy: {accuracy:.2%}, loss {loss:.4f}")',
        f'    torch.save({predictor}.state_dict(), "weights.pt")',
    ]
    source.imports.add("import math")
    return "\n" + "\n".join(steps) + "\n"


def _learning(config: TrainConfig, frozen: bool) -> list[str]:
    if not frozen:
        compiled = "torch.compile(model)" if config.compile else "model"
        return ["    trained_part = model", f"    forward = {compiled}", "    val_x = val_images"]
    return [
        "    trained_part = head(model)",
        f"    forward = {'torch.compile(trained_part)' if config.compile else 'trained_part'}",
        "    model.requires_grad_(False)",
        "    trained_part.requires_grad_(True)",
        "    x_all = features(model, images, normalize, shuffled(len(images), BATCH_SIZE, SEED, 0))",
        "    val_x = features(model, val_images, normalize, list(torch.arange(len(val_images)).split(BATCH_SIZE)))",
    ]


def _optimizer(config: TrainConfig, source: ScriptSource) -> str:
    optimizer = get_optimizer(config.optimizer)
    if not optimizer.is_torchs:
        source.take(optimizer.kind)
    entry, parameters = network_of(config.network), "trained_part.parameters()"
    if entry.fresh:
        source.take(groups)
        parameters = f"groups(trained_part, {entry.fresh!r}, {entry.gently!r})"
    return optimizer.code(parameters, "LEARNING_RATE", {"weight_decay": config.weight_decay})


def _step(config: TrainConfig, frozen: bool) -> list[str]:
    """The lines of one step."""
    lines = [f"torch.manual_seed(seed_of(SEED, Purpose.{seeding.Purpose.LAYERS.name}, step))"]
    if frozen:
        lines += ["x, targets = x_all[index], labels[index].to(DEVICE)"]
    else:
        lines += ["x, targets = augmented(images, labels, index, step)"]
        lines += ["x, targets = network_input(x, normalize), targets.to(DEVICE)"]
    if config.first_size < 1 and not frozen:
        lines += [f"size = image_size_at(step / steps, {config.first_size!r}, SIZE)"]
        lines += ["if size != SIZE:"]
        lines += ['    x = F.interpolate(x, (size, size), mode="bilinear", antialias=True)']
        layout = "torch.channels_last" if config.channels_last else "torch.contiguous_format"
        lines += [f"    x = x.contiguous(memory_format={layout})"]
    lines += ["trained_part.train()", "optimizer.zero_grad()"]
    whole = config.accumulate == 1
    x, targets, margin = ("x", "targets", "") if whole else ("x[part]", "targets[part]", "    ")
    if not whole:
        lines += [f"for rows in filter(len, torch.arange(len(x)).tensor_split({config.accumulate})):"]
        lines += ["    part = slice(int(rows[0]), int(rows[-1]) + 1)  # gradients add up until the step"]
    lines += _autocast(config, margin, f"logits = forward({x}).float()").splitlines()
    smooth = f"label_smoothing={config.label_smoothing!r}, " if config.label_smoothing else ""
    lines += [f'{margin}loss = F.cross_entropy(logits, {targets}, {smooth}reduction="sum")']
    scaled = (
        "scaler.scale(loss * (1 / len(x)))" if get_precision(config.precision).scales_loss else "(loss * (1 / len(x)))"
    )
    lines += [f"{margin}{scaled}.backward()", f"{margin}total += loss.item()"]
    return lines + _update(config)


def _update(config: TrainConfig) -> list[str]:
    lines = ["for group in optimizer.param_groups:"]
    share = ' * group["share"]' if network_of(config.network).fresh else ""
    lines += [f'    group["lr"] = LEARNING_RATE * factor(step / steps){share}']
    scales = get_precision(config.precision).scales_loss
    lines += ["scaler.unscale_(optimizer)"] if scales else []
    lines += [f"nn.utils.clip_grad_norm_(trained_part.parameters(), {config.clip!r})"] if config.clip else []
    lines += ["scaler.step(optimizer)", "scaler.update()"] if scales else ["optimizer.step()"]
    lines += ["average.update(model)"] if config.ema else []
    return [*lines, "step += 1"]


def _patience(config: TrainConfig, predictor: str) -> list[str]:
    if not config.patience:
        return []
    return [
        "        if loss < best[0]:",
        f"            best = loss, epoch, {{name: value.clone() for name, value in {predictor}.state_dict().items()}}",
        f"        elif epoch - best[1] >= {config.patience}:",
        "            break",
    ]
