"""What tests of pages share."""

from collections.abc import Iterator

import pytest

from playground.job_manager import job_manager


@pytest.fixture(scope="module")
def own_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Uploads and runs of these tests are there for no others, nor those of others for them."""
    job_manager.clear()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
        job_manager().close()
        job_manager.clear()
