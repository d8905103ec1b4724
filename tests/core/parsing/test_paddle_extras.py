"""Paddle's audio features, distributions, deformable convolution, training methods; counts are those of Paddle 3.3."""

from __future__ import annotations

import pytest
import torch

from core.parsing import parse

FORWARD = "    def forward(self, x):\n        return {}\n"


def network(parts: str, result: str, after: str = "net = Net()") -> str:
    """A class of Paddle with these parts, whose forward returns that."""
    made = "".join(f"        {part}\n" for part in parts.split("; "))
    begin = "import paddle\nimport paddle.nn as nn\nclass Net(nn.Layer):\n    def __init__(self):\n"
    return f"{begin}        super().__init__()\n{made}{FORWARD.format(result)}{after}\n"


def output_shapes(text: str, *shape: int) -> list[tuple[int, ...]]:
    result = parse(text).module.eval()(torch.zeros(2, *shape, device="meta"))
    return [tuple(one.shape) for one in (result if isinstance(result, tuple) else (result,))]


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        ("Spectrogram()", (2, 257, 32)),
        ("MelSpectrogram(sr=16000)", (2, 64, 32)),
        ("LogMelSpectrogram(sr=16000, n_fft=512, hop_length=160, n_mels=80)", (2, 80, 101)),
        ("MFCC(sr=16000)", (2, 40, 126)),
    ],
)
def test_audio_features_have_paddle_s_sizes(layer: str, shape: tuple[int, ...]) -> None:
    text = network(f"self.features = paddle.audio.features.{layer}", "self.features(x)")
    assert output_shapes(text, 16000) == [shape]


def test_a_deformable_convolution_has_the_weights_of_a_plain_one() -> None:
    parts = "self.move = nn.Conv2D(3, 18, 3, padding=1); self.dcn = paddle.vision.ops.DeformConv2D(3, 8, 3, padding=1)"
    parsed = parse(text := network(parts, "self.dcn(x, self.move(x))"))
    assert [tuple(one.shape) for one in parsed.module.dcn.parameters()] == [(8, 3, 3, 3), (8,)]
    assert output_shapes(text, 3, 9, 9) == [(2, 8, 9, 9)]


@pytest.mark.parametrize(
    ("use", "shape"),
    [
        ("Normal(x, x + 1).sample()", (2, 5)),
        ("Normal(x, x + 1).sample([4])", (4, 2, 5)),
        ("Normal(x, x + 1).log_prob(x)", (2, 5)),
        ("Categorical(x).sample([1])", (1, 2)),
        ("Categorical(x).entropy()", (2,)),
        ("Categorical(x).log_prob(x.argmax(1))", (2,)),
        ("Categorical(x).probs(x.argmax(1))", (2, 2)),
    ],
)
def test_distributions_give_the_shapes_of_their_samples(use: str, shape: tuple[int, ...]) -> None:
    text = network("self.fc = nn.Linear(5, 5)", f"paddle.distribution.{use}")
    assert output_shapes(text.replace("return ", "x = self.fc(x)\n        return "), 5) == [shape]


@pytest.mark.parametrize(
    ("call", "count"),
    [
        ("mobilenet_v3_small(scale=0.5, num_classes=10)", 409_394),
        ("mobilenet_v3_large(scale=0.5, num_classes=10)", 1_099_986),
        ("MobileNetV3Small(scale=0.75, num_classes=10)", 892_610),
        ("mobilenet_v3_large(num_classes=10)", 4_214_842),
    ],
)
def test_mobilenet_v3_of_another_width(call: str, count: int) -> None:
    parsed = parse(f"import paddle\nnet = paddle.vision.models.{call}")
    assert sum(one.numel() for one in parsed.module.parameters()) == count


TRAINING = """
net = Net()
net.set_state_dict(paddle.load("net.pdparams"))
net.register_forward_post_hook(lambda layer, x, y: y.flatten(1))
model = paddle.Model(net)
model.prepare(paddle.optimizer.Adam(parameters=model.parameters()), nn.CrossEntropyLoss(), paddle.metric.Accuracy())
history = model.fit(train_data, epochs=2)
model.save("net")
{}
"""


@pytest.mark.parametrize("said", ["model.summary((1, 3, 20, 20))", "paddle.flops(net, [1, 3, 20, 20])"])
def test_methods_of_training_are_passed_over_and_a_summary_states_the_input(said: str) -> None:
    text = network("self.conv = nn.Conv2D(3, 4, 3)", "self.conv(x)", TRAINING.format(said))
    assert parse(text).input_shape == (3, 20, 20)
    assert output_shapes(text, 3, 20, 20) == [(2, 4 * 18 * 18)]


def test_a_class_of_paddle_beside_an_import_of_torch_is_paddle_s() -> None:
    text = network("self.conv = nn.Conv2D(3, 4, 3, bias_attr=False)", "self.conv(x)", "net = Net()\nimport torch")
    assert parse(text).dialect == "paddle"


def test_a_block_with_an_eval_of_its_own_stays_as_it_was_built() -> None:
    text = network("self.conv = nn.Conv2D(3, 4, 3)", "self.conv(x) if self.training else self.fused(x)")
    text = text.replace("net = Net()", "    def eval(self):\n        self.fused = nn.Conv2D(3, 4, 3)\nnet = Net()")
    assert output_shapes(text, 3, 9, 9) == [(2, 4, 7, 7)]


def test_an_item_of_a_parameter_list_can_be_another() -> None:
    text = network(
        "self.w = nn.ParameterList([self.create_parameter([2, 2]) for _ in range(2)])",
        "x @ self.w[0] @ self.w[1]",
        "net = Net()\nnet.w[1] = paddle.create_parameter([2, 5], 'float32')",
    )
    assert output_shapes(text, 2) == [(2, 5)]


def test_a_network_of_fluid_asks_for_its_input_in_paddle_s_words() -> None:
    with pytest.raises(Exception, match=r"paddle\.static\.data"):
        parse("import paddle.fluid as fluid\ndef net(image):\n    return fluid.layers.fc(image, 10)")


WEIGHTS = """
        self.fc = nn.Linear(3, 8)
        self.out = nn.Linear(self.fc.weight.shape[1], 2)
        self.tied = nn.Linear(3, 8)
        self.tied.weight = self.fc.weight
        self.own = nn.Linear(3, 8)
        self.own.weight = self.create_parameter([3, 8])
        self.fc.weight.stop_gradient = True
        for one in self.out.parameters():
            one.trainable = False
"""


def test_the_weight_of_linear_has_its_inputs_first_and_can_be_frozen_and_shared() -> None:
    y = "paddle.matmul(x, self.fc.weight) + nn.functional.linear(x, self.own.weight, self.own.bias) + self.tied(x)"
    text = network("pass", f"self.out({y})").replace("        pass\n", WEIGHTS)
    assert output_shapes(text, 3) == [(2, 2)]
    parameters = dict(parse(text).module.named_parameters())
    assert sum(one.numel() for one in parameters.values()) == 90
    frozen = [name for name, one in parameters.items() if not one.requires_grad]
    assert frozen == ["fc.weight", "out.weight", "out.bias"]


def test_a_ready_made_network_without_a_name_comes_before_one_that_has_one() -> None:
    text = "import paddle\nfrom paddle.vision.models import alexnet, LeNet\nnet = alexnet(num_classes=7)\nalexnet()"
    assert output_shapes(text, 3, 224, 224) == [(2, 7)]


def test_a_forward_that_the_constructor_chooses_is_run() -> None:
    methods = "    def train_forward(self, x, y):\n        return self.fc(x).sum(axis=1)\n"
    text = network("self.fc = nn.Linear(3, 4); self.forward = self.infer", "self.fc(x)", f"{methods}net = Net()")
    assert output_shapes(text.replace("def forward", "def infer"), 3) == [(2, 4)]


def test_a_layer_of_a_sequential_is_put_under_its_name() -> None:
    made = "import paddle.nn as nn\nnet = nn.Sequential(('a', nn.Linear(3, 4)), ('b', nn.ReLU()))"
    assert output_shapes(f"{made}\nnet['b'] = nn.Linear(4, 2)\nnet['c'] = nn.Linear(2, 6)", 3) == [(2, 6)]


def test_a_list_of_layers_takes_one_before_its_last_and_names_its_sublayers() -> None:
    after = (
        "net = Net()\nnet.parts.insert(-1, nn.Linear(3, 5))\nclip = nn.ClipGradByGlobalNorm(clip_norm=1.0)\n"
        "opt = paddle.optimizer.Adam(parameters=net.parameters(), grad_clip=clip)\n"
    )
    result = "self._sub_layers['parts'][1](x)"
    text = network("self.parts = nn.LayerList([nn.Linear(3, 4), nn.Linear(3, 2)])", result, after)
    assert output_shapes(text, 3) == [(2, 5)]


def test_a_dictionary_of_parameters_goes_through_its_names() -> None:
    parts = "self.all = nn.ParameterDict({'a': self.create_parameter([3, 4]), 'b': self.create_parameter([3, 4])})"
    assert output_shapes(network(parts, "sum(x @ self.all[key] for key in self.all)"), 3) == [(2, 4)]


def test_what_data_parallel_holds():
    net = "net = paddle.DataParallel(layers=nn.Sequential(nn.Linear(4, 5), nn.Linear(5, 2)))"
    text = f"import paddle\nfrom paddle import nn\n{net}\nnet._layers[1] = nn.Linear(5, 7)"
    assert parse(text).module[1].out_features == 7


@pytest.mark.parametrize(("settings", "count"), [("", 30), (", bias_attr=False", 25), (", is_custom=True", 36)])
def test_hierarchical_sigmoid(settings, count):
    text = f"""
import paddle

class Net(paddle.nn.Layer):
    def __init__(self):
        super().__init__()
        self.fc = paddle.nn.Linear(3, 5, bias_attr=False)
        self.cost = paddle.nn.HSigmoidLoss(5, 6{settings})

    def forward(self, x, y=None):
        return self.fc(x) if y is None else self.cost(self.fc(x), y)

net = Net()
"""
    assert sum(p.numel() for p in parse(text).module.parameters()) == 15 + count
