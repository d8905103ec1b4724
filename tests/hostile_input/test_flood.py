"""One visitor who asks for a thousand pages at once gets one thread, and others are served meanwhile."""

import threading

import psutil
import pytest

from tests.hostile_input.client import visiting
from tests.hosting.proxied import app_server

REQUESTS, THREADS = 1000, 20


@pytest.mark.soak
def test_a_flood_of_reruns_takes_one_thread_and_others_are_answered(tmp_path):
    with app_server(tmp_path / "log", CNN_PLAYGROUND_CACHE=str(tmp_path)) as server:
        url = f"http://{server.address}"
        with visiting(url, "kernels") as flooder, visiting(url, "kernels") as other:
            process = psutil.Process(server.process.pid)
            before = process.num_threads()
            message = flooder.rerun().SerializeToString()

            def flood():
                for _ in range(REQUESTS):
                    flooder.send(message)

            thread = threading.Thread(target=flood, daemon=True)
            thread.start()
            threads = []
            for _ in range(20):
                other.ask(other.rerun())
                threads.append(process.num_threads())
            assert other.shown == []
            assert max(threads) < before + THREADS
    assert "Traceback" not in server.log.read_text()
