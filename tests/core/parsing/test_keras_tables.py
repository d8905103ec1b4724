"""Known values in Keras texts: masks and what they hide, noise of a shape, parts of images, signs of symbols."""

from __future__ import annotations

import pytest
import torch

from core.errors import ParseError
from core.parsing import materialize, parse

HEAD = (
    "import keras\nimport tensorflow as tf\nfrom keras import layers, ops, Model\n"
    "x = keras.Input((5, 7, 1))\nseq = keras.Input((6, 8))\n"
)
PICTURE = torch.arange(35.0).reshape(1, 1, 5, 7)


def net(line, owner="x"):
    return materialize(parse(f"{HEAD}y = {line}\nm = keras.Model({owner}, y)\n").module)


def test_parts_of_pictures_are_those_of_tensorflow():
    assert net("tf.image.central_crop(x, 0.5)")(PICTURE)[0, 0].tolist() == PICTURE[0, 0, 1:4, 1:6].tolist()
    cropped = net("tf.image.resize_with_crop_or_pad(x, 3, 10)")(PICTURE)[0, 0]
    assert cropped[0].tolist() == [0, 7, 8, 9, 10, 11, 12, 13, 0, 0]
    padded = net("tf.image.resize_with_pad(x, 10, 7)")(PICTURE)[0, 0]
    assert padded[:, 0].tolist() == [0, 0, 0, 7, 14, 21, 28, 0, 0, 0]
    assert net("tf.image.rot90(x)")(PICTURE)[0, 0, 0].tolist() == [6, 13, 20, 27, 34]
    assert net("tf.image.crop_to_bounding_box(x, 1, 2, 2, 2)")(PICTURE)[0, 0].tolist() == [[9, 10], [16, 17]]
    assert net("tf.image.pad_to_bounding_box(x, 1, 2, 8, 9)")(PICTURE)[0, 0, 1].tolist() == [0, 0, 0, 1, 2, 3, 4, 5, 6]
    assert net("tf.image.resize(x, [10, 14], method=tf.image.ResizeMethod.NEAREST_NEIGHBOR)")(PICTURE)[0, 0, 1, 3] == 1


@pytest.mark.parametrize(
    "line",
    ["tf.image.crop_to_bounding_box(x, 3, 0, 3, 3)", "tf.image.pad_to_bounding_box(x, 1, 2, 5, 9)",
     "tf.image.central_crop(x, 1.5)"],
)  # fmt: skip
def test_parts_that_do_not_fit_are_refused(line):
    with pytest.raises(ParseError, match=r"maps of 5×7|share of each side"):
        net(line)


def test_tables_have_the_values_of_tensorflow():
    values = torch.randn(2, 8, 6)
    sums = net("tf.matmul(tf.linalg.band_part(tf.ones((6, 6)), 1, 0), seq)", "seq")(values)
    kept = torch.ones(6, 6).tril().triu(-1)
    assert torch.allclose(sums, (kept @ values.mT).mT, atol=1e-6)
    scaled = net("seq * tf.constant([[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]])", "seq")(values)
    assert torch.allclose(scaled, values * torch.arange(1.0, 7))
    assert torch.allclose(net("seq + tf.fill([1, 6, 8], 2.5)", "seq")(values), values + 2.5)
    assert torch.allclose(net("ops.matmul(2.0 * ops.eye(6), seq)", "seq")(values), 2 * values)
    assert torch.allclose(net("seq * ops.cast(ops.arange(6)[:, None] >= 3, 'float32')", "seq")(values)[:, :, :3].sum(),
                          torch.tensor(0.0))  # fmt: skip
    assert torch.allclose(net("tf.exp(-seq)", "seq")(values), (-values).exp())
    assert torch.allclose(net("tf.where(seq == 0, 1.0, seq)", "seq")(values * 0), torch.ones(2, 8, 6))
    assert torch.allclose(net("ops.median(seq, axis=1)", "seq")(values), values.quantile(0.5, 2))


CAUSAL = (
    "class Attention(layers.Layer):\n"
    "    def __init__(self):\n        super().__init__()\n        self.q = layers.Dense(8)\n"
    "        self.k = layers.Dense(8)\n"
    "    def call(self, x):\n        n = tf.shape(x)[1]\n"
    "        mask = 1 - tf.linalg.band_part(tf.ones((n, n)), -1, 0)\n"
    "        scores = tf.matmul(self.q(x), self.k(x), transpose_b=True)\n"
    "        scores += mask * -1e9\n        return tf.matmul(tf.nn.softmax(scores), x)\n"
)
GPT = (
    "def causal_attention_mask(batch_size, n_dest, n_src, dtype):\n"
    "    i = ops.arange(n_dest)[:, None]\n    j = ops.arange(n_src)\n    m = i >= j - n_src + n_dest\n"
    "    mask = ops.reshape(ops.cast(m, dtype), [1, n_dest, n_src])\n"
    "    mult = ops.concatenate([ops.expand_dims(batch_size, -1), ops.convert_to_tensor([1, 1])], 0)\n"
    "    return ops.tile(mask, mult)\n"
    "class Attention(layers.Layer):\n"
    "    def __init__(self):\n        super().__init__()\n        self.att = layers.MultiHeadAttention(2, 4)\n"
    "    def call(self, x):\n        sizes = ops.shape(x)\n"
    "        mask = causal_attention_mask(sizes[0], sizes[1], sizes[1], 'bool')\n"
    "        return self.att(x, x, attention_mask=mask)\n"
)


@pytest.mark.parametrize(
    "line",
    [f"{CAUSAL}y = Attention()(seq)\n", f"{GPT}y = Attention()(seq)\n",
     "y = layers.MultiHeadAttention(2, 4)(seq, seq, use_causal_mask=True)\n",
     "y = layers.MultiHeadAttention(2, 4)(seq, seq, attention_mask=tf.linalg.band_part(tf.ones((6, 6)), -1, 0))\n"],
)  # fmt: skip
def test_no_step_sees_what_a_causal_mask_hides(line):
    module = materialize(parse(f"{HEAD}{line}m = keras.Model(seq, y)\n").module)
    values = torch.randn(2, 8, 6)
    changed = values.clone()
    changed[:, :, 4:] = 9.0
    before, after = module(values), module(changed)
    assert torch.allclose(before[:, :, :4], after[:, :, :4], atol=1e-5)
    assert not torch.allclose(before[:, :, 4:], after[:, :, 4:], atol=1e-3)


def test_noise_of_keras_3_is_drawn_for_each_image():
    code = (
        "class Sampling(layers.Layer):\n    def __init__(self, **kwargs):\n        super().__init__(**kwargs)\n"
        "        self.seed_generator = keras.random.SeedGenerator(1337)\n"
        "    def call(self, inputs):\n        mean, log_var = inputs\n        batch = ops.shape(mean)[0]\n"
        "        dim = ops.shape(mean)[1]\n"
        "        epsilon = keras.random.normal(shape=(batch, dim), seed=self.seed_generator)\n"
        "        return mean + ops.exp(0.5 * log_var) * epsilon\n"
        "h = layers.Flatten()(x)\nz = Sampling()([layers.Dense(2)(h), layers.Dense(2)(h)])\n"
        "encoder = keras.Model(x, z)\n"
    )
    module = materialize(parse(HEAD + code).module)
    assert sum(p.numel() for p in module.parameters()) == 2 * (35 * 2 + 2)
    drawn = module(PICTURE.expand(3, -1, -1, -1))
    assert drawn.shape == (3, 2)
    assert not torch.allclose(drawn[0], drawn[1])


def test_an_axis_is_taken_into_the_batch_and_out_of_it():
    code = (
        "class Quantizer(layers.Layer):\n    def __init__(self, count, size):\n        super().__init__()\n"
        "        self.table = self.add_weight(shape=(size, count))\n"
        "    def call(self, x):\n        sizes = tf.shape(x)\n        flat = tf.reshape(x, [-1, 8])\n"
        "        distances = tf.reduce_sum(flat ** 2, axis=1, keepdims=True) + tf.reduce_sum(self.table ** 2, axis=0)\n"
        "        distances -= 2 * tf.matmul(flat, self.table)\n"
        "        chosen = tf.one_hot(tf.argmin(distances, axis=1), 5)\n"
        "        return tf.reshape(tf.matmul(chosen, self.table, transpose_b=True), sizes)\n"
        "y = Quantizer(5, 8)(seq)\nm = keras.Model(seq, y)\n"
    )
    module = materialize(parse(HEAD + code).module)
    values = torch.randn(3, 8, 6)
    table = next(module.parameters())
    nearest = torch.cdist(values.mT, table.T[None].expand(3, -1, -1)).argmin(-1)
    assert torch.allclose(module(values), table.T[nearest].mT)


def test_an_output_of_several_rows_for_each_image_is_refused():
    with pytest.raises(ParseError, match=r"6 rows of 8 values for each image"):
        net("tf.reshape(seq, [-1, 8])", "seq")


def test_patches_are_in_the_order_of_tensorflow():
    line = "tf.image.extract_patches({}, [1, {n}, {n}, 1], [1, {s}, {s}, 1], [1, 1, 1, 1], '{way}')"
    twice = "tf.concat([x, x + 100.0], -1)"
    patches = net(line.format(twice, n=2, s=2, way="VALID"))(PICTURE)
    assert patches[0, :, 0, 1].tolist() == [2, 102, 3, 103, 9, 109, 10, 110]
    bordered = net(line.format("x", n=3, s=1, way="SAME"))(PICTURE)
    assert bordered.shape == (1, 9, 5, 7)
    assert bordered[0, :, 0, 0].tolist() == [0, 0, 0, 0, 0, 1, 0, 7, 8]


def test_numbers_at_equal_distances_are_a_table_and_numbers():
    code = (
        "rates = tf.linspace(0.0, 0.5, 3)\nfrequencies = ops.exp(ops.linspace(ops.log(1.0), ops.log(4.0), 3))\n"
        "y = layers.Dropout(rates[1])(ops.sin(frequencies * x))\nm = keras.Model(x, y)\n"
    )
    module = parse(HEAD + code).module
    assert [part.p for part in module.modules() if isinstance(part, torch.nn.Dropout)] == [0.25]
    result = materialize(module).eval()(PICTURE)
    assert torch.allclose(result[0, :, 0, 1], torch.tensor([1.0, 2.0, 4.0]).sin(), atol=1e-6)


MASKED = (
    "class Embedded(layers.Layer):\n    def __init__(self):\n        super().__init__()\n"
    "        self.words = layers.Embedding(50, 8)\n        self.places = layers.Embedding(12, 8)\n"
    "    def call(self, ids):\n        return self.words(ids) + self.places(tf.range(tf.shape(ids)[-1]))\n"
    "    def compute_mask(self, ids, mask=None):\n        return tf.math.not_equal(ids, 0)\n"
    "class Encoder(layers.Layer):\n    def __init__(self):\n        super().__init__()\n"
    "        self.attention = layers.MultiHeadAttention(2, 4)\n        self.supports_masking = True\n"
    "    def call(self, inputs, mask=None):\n        if mask is not None:\n"
    "            padding = tf.cast(mask[:, tf.newaxis, tf.newaxis, :], 'int32')\n"
    "        return self.attention(inputs, inputs, attention_mask=padding)\n"
    "ids = keras.Input((None,), dtype='int64')\nm = keras.Model(ids, Encoder()(Embedded()(ids)))\n"
)


def test_a_layer_of_the_text_is_given_the_mask_of_the_one_before_it():
    parsed = parse(HEAD + MASKED)
    assert parsed.input_shape == (12,)  # as many as the table of positions has
    assert any("12, of which it has a table" in note for note in parsed.notes)
    module = materialize(parsed.module)
    ids = torch.randint(1, 50, (1, 12))
    ids[0, 8:] = 0
    before = module(ids.float())
    with torch.no_grad():
        next(p for p in module.parameters() if p.shape == (50, 8))[0] = 7.0  # the word of padding
    assert torch.allclose(before[:, :, :8], module(ids.float())[:, :, :8], atol=1e-5)


def test_a_build_without_arguments_is_run():
    code = (
        "class Gate(layers.Layer):\n    def __init__(self):\n        super().__init__()\n"
        "        self.d = layers.Dense(8)\n"
        "    def call(self, x):\n        return -self.d(x)\n    def build(self):\n        self.built = True\n"
        "m = keras.Model(seq, Gate()(seq))\n"
    )
    assert sum(p.numel() for p in parse(HEAD + code).module.parameters()) == 72


def test_a_mean_over_the_images_of_a_batch_is_a_measure():
    code = "y = layers.Dense(3)(seq[:, 0])\nright = tf.equal(tf.argmax(y, 1), tf.argmax(y, 1))\n"
    code += "accuracy = tf.reduce_mean(tf.cast(right, tf.float32))\nm = keras.Model(seq, y)\n"
    assert sum(p.numel() for p in parse(HEAD + code).module.parameters()) == 27
