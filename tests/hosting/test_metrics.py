"""What Prometheus reads: well-formed, adding up, and closed to strangers; and whether the server is well."""

import re
from types import SimpleNamespace

import pytest
from streamlit import runtime

from playground.server import headers, health, metrics, routes, status
from tests.hosting import asgi

SAMPLE = re.compile(r'([a-z_]+)(?:\{([a-z]+="(?:[^"\\\n]|\\.)*"(?:,[a-z]+="(?:[^"\\\n]|\\.)*")*)\})? (\S+)')
METRICS, HEALTH = routes.metrics_text, routes.healthz


def route(path: str):
    """The app behind one of our addresses."""
    return next(one for one in routes.ROUTES if one.path == path).app


def parsed(text: str) -> dict[str, dict[str, float]]:
    """Type of each metric -> its samples; fails where Prometheus would."""
    types: dict[str, str] = {}
    samples: dict[str, dict[str, float]] = {}
    for line in text.splitlines():
        if line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert name not in types
            types[name] = kind
        elif not line.startswith("# HELP "):
            name, labels, value = SAMPLE.fullmatch(line).groups()
            family = name if name in types else re.sub("_(bucket|sum|count)$", "", name)
            samples.setdefault(f"{types[family]} {name}", {})[labels or ""] = float(value)
    return samples


def test_a_histogram_counts_every_rerun_once(monkeypatch):
    times = metrics.RerunTimes()
    monkeypatch.setattr(metrics, "RERUNS", times)
    durations = (0.0, 0.01, 0.011, 0.3, 29.0, 31.0)
    for seconds in durations:
        times.observe("kernels", metrics.FRAGMENT, seconds)
    family = metrics.histogram("reruns", "Durations.", times.snapshot())
    samples = parsed(metrics.exposition([family]))
    buckets = {
        re.search('le="(.*?)"', labels)[1]: value for labels, value in samples["histogram reruns_bucket"].items()
    }
    assert list(buckets) == [*map(str, metrics.BOUNDS_S), "+Inf"]
    for bound, count in buckets.items():
        assert count == sum(seconds <= float(bound) for seconds in durations)
    assert list(samples["histogram reruns_count"].values()) == [len(durations)]
    assert list(samples["histogram reruns_sum"].values()) == [pytest.approx(sum(durations))]


def test_a_rerun_is_measured_however_it_ends():
    times = metrics.RerunTimes()
    with pytest.raises(RuntimeError), times.measured("home", metrics.PAGE):
        raise RuntimeError
    (histogram,) = times.snapshot().values()
    assert histogram.count == 1


def test_a_slow_rerun_is_logged_with_its_page_and_nothing_else(caplog):
    caplog.set_level("INFO", logger=metrics.__name__)
    times = metrics.RerunTimes()
    times.observe("calculator", metrics.FRAGMENT, metrics.SLOW_S - 0.01)
    times.observe("calculator", metrics.PAGE, metrics.SLOW_S)
    (record,) = caplog.records
    assert (record.page, record.kind, record.seconds) == ("calculator", metrics.PAGE, metrics.SLOW_S)


def test_quantiles_of_nothing_and_of_what_no_bucket_bounds_are_unknown():
    histogram = metrics.Histogram()
    assert histogram.quantile(0.5) is None
    histogram.observe(60.0)
    assert histogram.quantile(0.5) is None


def test_any_text_in_a_label_is_one_line():
    text = metrics.exposition([metrics.gauge("queue", "Runs.", {'a"b\\c\nd': 1.5}, "device")])
    assert parsed(text) == {"gauge queue": {r'device="a\"b\\c\nd"': 1.5}}


def test_the_page_opened_is_among_the_metrics(monkeypatch):
    from tests.pages.helpers import open_page

    monkeypatch.setattr(metrics, "RERUNS", metrics.RerunTimes())
    page = open_page("dense_to_conv")
    assert list(metrics.RERUNS.snapshot()) == [("dense_to_conv", metrics.PAGE)]
    assert not page.exception


def test_strangers_get_nothing_and_prometheus_gets_all(secret, monkeypatch):
    monkeypatch.setattr(status, "_latest", None)
    for headers_ in ({}, {"Authorization": "Bearer a wrong secret of good length"}):
        assert asgi.get(route("/metrics"), "/metrics", f"secret={secret}", **headers_).status == 404
    answer = asgi.get(route("/metrics"), "/metrics", Authorization=f"Bearer {secret}")
    assert (answer.status, answer.headers["content-type"]) == (200, metrics.CONTENT_TYPE)
    samples = parsed(answer.text)
    assert set(samples["gauge cnn_playground_runs"]) >= {'state="waiting"', 'state="running"', 'state="failed"'}
    assert samples["gauge cnn_playground_memory_bytes"]['process="server"'] > 50e6
    assert samples["gauge cnn_playground_storage_readable"] == {"": 1}
    limit, used = (samples[f"gauge cnn_playground_machine_memory_{name}bytes"][""] for name in ("", "used_"))
    assert 0 < used < limit
    assert secret not in answer.text


def test_without_a_secret_there_are_no_metrics(no_secret):
    assert asgi.get(route("/metrics"), "/metrics", Authorization="Bearer ").status == 404


def test_a_cache_folder_that_cannot_be_read_is_told(monkeypatch, tmp_path):
    (tmp_path / "file").touch()
    monkeypatch.setenv("CNN_PLAYGROUND_CACHE", str(tmp_path / "file"))
    monkeypatch.setattr(status, "_latest", None)
    status._run_counts.cache_clear()
    samples = parsed(metrics.exposition(status.current().families()))
    monkeypatch.setattr(status, "_latest", None)
    assert samples["gauge cnn_playground_storage_readable"] == {"": 0}
    assert "gauge cnn_playground_runs" not in samples
    assert health.checks()["storage"] == "not there"


def serving(monkeypatch, state: runtime.RuntimeState) -> None:
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace(state=state))


@pytest.mark.parametrize("state", list(runtime.RuntimeState))
def test_health_follows_streamlits_state(monkeypatch, state):
    serving(monkeypatch, state)
    answer = asgi.get(route("/healthz"), "/healthz")
    is_serving = state.value in ("NO_SESSIONS_CONNECTED", "ONE_OR_MORE_SESSIONS_CONNECTED")
    assert answer.status == (200 if is_serving else 503)
    assert ('"status":"ok"' in answer.text) is is_serving


def test_a_full_disk_is_told_and_is_no_reason_to_restart(monkeypatch):
    serving(monkeypatch, runtime.RuntimeState.NO_SESSIONS_CONNECTED)
    monkeypatch.setattr(health, "MIN_FREE_BYTES", 10**18)
    answer = asgi.get(route("/healthz"), "/healthz")
    assert (answer.status, answer.text) == (
        200,
        '{"status":"degraded","checks":{"server":"ok","storage":"disk full"}}',
    )


async def _page(scope, receive, send):
    await send({"type": "http.response.start", "status": 200, "headers": [(b"x-frame-options", b"DENY")]})
    await send({"type": "http.response.body", "body": b"page"})


APP = headers.ResponseHeaders(_page)


@pytest.mark.parametrize(
    ("query", "embedded"),
    [("", False), ("embed=true", True), ("k=3&embed=True", True), ("embed=false", False), ("embed=1", False),
     ("embedded=true", False), ("x=embed=true", False)],
)  # fmt: skip
def test_others_may_frame_a_page_only_where_it_is_embedded(query, embedded):
    answer = asgi.get(APP, "/kernels", query)
    assert answer.text == "page"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"
    assert (
        answer.headers["content-security-policy"]
        == f"frame-ancestors {'*' if embedded else chr(39) + 'self' + chr(39)}"
    )
    assert answer.headers["x-frame-options"] == ("DENY" if embedded else "SAMEORIGIN")


def test_who_may_embed_can_be_named(monkeypatch):
    monkeypatch.setenv(headers.EMBEDDERS, "https://moodle.example.org https://*.example.edu:8443 ;script-src evil")
    told = headers.framing("embed=true")["Content-Security-Policy"]
    assert told == "frame-ancestors 'self' https://moodle.example.org https://*.example.edu:8443"


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "/base/_stcore/metrics"])
def test_streamlits_metrics_are_for_the_admin(secret, path):
    app = headers.MetricsForAdmin(_page)
    assert asgi.get(app, path).status == 404
    assert asgi.get(app, path, Authorization=f"Bearer {secret}").text == "page"
    assert asgi.get(app, "/_stcore/health").text == "page"
