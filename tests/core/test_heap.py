"""A server keeps few of oneDNN's compiled kernels, a process that trains as many as ever; who sets it decides."""

import os
import subprocess

import pytest

from core import heap
from core.jobs.processes import cluster


@pytest.mark.parametrize(("of_server", "of_training"), [(None, None), ("500", "500")])
def test_kernels_are_few_in_the_server_and_many_where_networks_train(monkeypatch, tmp_path, of_server, of_training):
    environments = []
    monkeypatch.setattr(subprocess, "Popen", lambda *command, env, **how: environments.append(env))
    monkeypatch.delenv(heap.KERNELS_VARIABLE, raising=False)
    if of_server is not None:
        monkeypatch.setenv(heap.KERNELS_VARIABLE, of_server)
    heap.keep_few_kernels()
    assert os.environ[heap.KERNELS_VARIABLE] == (of_server or heap.KERNELS)
    cluster._start(["cpu"], str(tmp_path))
    monkeypatch.delenv(heap.KERNELS_VARIABLE)  # what `keep_few_kernels` has set goes after the test, too
    assert [env.get(heap.KERNELS_VARIABLE) for env in environments] == [of_training]
