"""Functions of Paddle whose axes, padding or windows are not PyTorch's: the shapes are those of Paddle 3.3.1."""

import pytest
import torch

from core.parsing import parse

NET = """
import paddle
import paddle.nn as nn
import paddle.nn.functional as F

class Net(nn.Layer):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(6, 6)
        self.conv = nn.Conv2D(3, 3, 1)
    def forward(self, y):
        y = self.fc(y)
        x = self.conv(paddle.zeros([2, 3, 4, 6]))
        return {}
net = Net()
"""
SHAPES = {
    "paddle.sort(y, axis=1)": (2, 5, 6),
    "y.sort(axis=1)": (2, 5, 6),
    "paddle.cumsum(y)": (60,),
    "paddle.cumsum(y, axis=1)": (2, 5, 6),
    "paddle.roll(y, shifts=1, axis=1)": (2, 5, 6),
    "paddle.flip(y, 1)": (2, 5, 6),
    "paddle.diagonal(x, axis1=2, axis2=3)": (2, 3, 4),
    "paddle.trace(y, axis1=1, axis2=2)": (2,),
    "paddle.tensordot(y, y, axes=[[1,2],[1,2]])": (2, 2),
    "paddle.index_add(y, paddle.to_tensor([0,1]), 1, paddle.ones([2,2,6]))": (2, 5, 6),
    "paddle.scatter(paddle.zeros([4,3]), paddle.to_tensor([0,2]), paddle.ones([2,3]))": (4, 3),
    "paddle.scatter_nd(paddle.to_tensor([[1],[2]]), paddle.ones([2,3]), [5,3])": (5, 3),
    "paddle.crop(y, shape=[1,2,3], offsets=[0,1,1])": (1, 2, 3),
    "paddle.multiplex([y[0], y[1]], paddle.zeros([5,1],dtype='int32'))": (5, 6),
    "paddle.median(y, axis=1)": (2, 6),
    "paddle.histogram(y, bins=7)": (7,),
    "paddle.vecdot(y, y)": (2, 5),
    "paddle.as_complex(paddle.ones([3,2]))": (3,),
    "paddle.fft.rfft(y)": (2, 5, 4),
    "paddle.linalg.norm(y, axis=1)": (2, 6),
    "paddle.unfold(y, 1, 2, 1)": (2, 4, 6, 2),
    "F.sequence_mask(paddle.to_tensor([2,3]), maxlen=5)": (2, 5),
    "F.cross_entropy(y[:, 0], paddle.zeros([2],dtype='int64'))": (),
    "F.softmax_with_cross_entropy(y[:, 0], paddle.zeros([2,1],dtype='int64'))": (2, 1),
    "F.square_error_cost(y, y)": (2, 5, 6),
    "F.pad(x, [1,2,3,4])": (2, 3, 11, 9),
    "F.pad(x, [0,0,0,0,1,2,3,4])": (2, 3, 7, 13),
    "F.pad(y, [1,2], data_format='NCL')": (2, 5, 9),
    "F.pad(y, [0,0,1,1,2,2])": (2, 7, 10),
    "F.conv2d(x, paddle.ones([7,3,3,3]), stride=2, padding='SAME')": (2, 7, 2, 3),
    "F.conv2d(x, paddle.ones([3,1,3,3]), groups=3, padding=[1,1])": (2, 3, 4, 6),
    "F.max_pool2d(x, 3, 2, 1, ceil_mode=True)": (2, 3, 3, 4),
    "F.max_pool2d(x, 3, stride=2, padding='SAME')": (2, 3, 2, 3),
    "F.max_pool2d(x, 2, return_mask=True)[1]": (2, 3, 2, 3),
    "F.avg_pool2d(x, 3, stride=2, padding=1, ceil_mode=True)": (2, 3, 3, 4),
    "F.avg_pool1d(y, 2, 2)": (2, 5, 3),
    "y.gather(paddle.to_tensor([0]), axis=1)": (2, 1, 6),
}


@pytest.mark.parametrize(("expression", "shape"), SHAPES.items())
def test_a_function_gives_the_shape_that_paddle_gives(expression, shape):
    module = parse(NET.format(expression), input_shape=(5, 6)).module
    assert module(torch.zeros(2, 5, 6, device="meta")).shape == shape


def test_weights_in_a_list_have_the_axes_that_paddle_gives_them():
    parsed = parse(
        "import paddle\nfrom paddle import nn\n\nclass Net(nn.Layer):\n    def __init__(self):\n"
        "        super().__init__()\n        self.fc = nn.Linear(8, 3)\n        self.kept = nn.Linear(3, 5)\n"
        "        for weight in self.kept.parameters():\n            weight.stop_gradient = True\n\n"
        "    def forward(self, x):\n        weight = self.fc.parameters()[0]\n"
        "        return self.kept(paddle.matmul(x, weight)), list(self.fc.parameters())[0].transpose([1, 0])\n",
        input_shape=(8,),
    )
    result, weight = parsed.module(torch.zeros(2, 8, device="meta"))
    assert (result.shape, weight.shape) == ((2, 5), (3, 8))
    trained = {name: parameter.requires_grad for name, parameter in parsed.module.named_parameters()}
    assert trained == {"fc.weight": True, "fc.bias": True, "kept.weight": False, "kept.bias": False}
