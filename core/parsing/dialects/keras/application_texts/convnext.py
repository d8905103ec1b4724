"""The ready-made networks of Keras that are convolutions in the manner of transformers: ConvNeXt.

As in `application_texts`.
"""

# Liu et al. 2022, arXiv:2201.03545
CONVNEXT = """
class LayerScale(layers.Layer):
    def __init__(self, width, name):
        super().__init__(name=name)
        self.width = width

    def build(self, input_shape):
        self.gamma = self.add_weight(shape=(self.width,), initializer="zeros", name="gamma")

    def call(self, x):
        return x * self.gamma

def next_norm(x, name=None):
    return layers.LayerNormalization(epsilon=1e-6, name=name)(x)

def next_block(x, width, name):
    y = layers.Conv2D(width, 7, padding="same", groups=width, name=name + "_depthwise_conv")(x)
    y = layers.Dense(4 * width, name=name + "_pointwise_conv_1")(next_norm(y, name + "_layernorm"))
    y = layers.Dense(width, name=name + "_pointwise_conv_2")(layers.Activation("gelu", name=name + "_gelu")(y))
    y = LayerScale(width, name + "_layer_scale")(y)
    return x + layers.Activation("linear", name=name + "_identity")(y)

def convnext(x, depths, widths, name):
    for stage in range(4):
        before = layers.LayerNormalization(epsilon=1e-6)
        if stage:
            enter = [before, layers.Conv2D(widths[stage], 2, strides=2)]
            x = models.Sequential(enter, name=f"{name}_downsampling_block_{stage - 1}")(x)
        else:
            x = models.Sequential([layers.Conv2D(widths[0], 4, strides=4), before], name=name + "_stem")(x)
        for block in range(depths[stage]):
            x = next_block(x, widths[stage], f"{name}_stage_{stage}_block_{block}")
    return x

def next_end(x, include_top, classes, pooling, activation, name):
    if not include_top:
        return next_norm(pooled(x, pooling, "global_average_pooling2d", "global_max_pooling2d"))
    x = next_norm(layers.GlobalAveragePooling2D(name=name + "_head_gap")(x), name + "_head_layernorm")
    return layers.Dense(classes, activation=activation, name=name + "_head_dense")(x)
"""
