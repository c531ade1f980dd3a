"""One trace from the officer's page to every service that it needs, as processes and over sockets."""

from collections.abc import Iterator
from urllib.request import urlopen

import pytest
from support.collector import Collector, ReceivedSpan, collecting
from support.models import train_actionable_model
from support.stack import Stack, published_stack

_CLIENT, _SERVER = 3, 2
_PORTFOLIO = "clairscore.portfolio.v1.PortfolioService"


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    with collecting() as running:
        yield running


@pytest.fixture(scope="module")
def stack(collector: Collector, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    made = published_stack(tmp_path_factory.mktemp("traces"), train_actionable_model)
    made.env |= {"OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "OTEL_BSP_SCHEDULE_DELAY": "50"}
    try:
        made.all_up()
        yield made
    finally:
        made.close()


def _of(spans: list[ReceivedSpan], name: str, **wanted: object) -> list[ReceivedSpan]:
    return [s for s in spans if s.name == name and all(getattr(s, key) == value for key, value in wanted.items())]


def _call(spans: list[ReceivedSpan], method: str, root: ReceivedSpan) -> tuple[ReceivedSpan, ReceivedSpan]:
    """The dashboard's and the service's span of a call that belongs to a page; the service's is the other's child."""
    (client,) = _of(spans, method, service="clairscore-dashboard", kind=_CLIENT, trace=root.trace)
    (server,) = _of(spans, method, kind=_SERVER, parent=client.span)
    assert server.trace == root.trace
    assert client.parent == root.span
    return client, server


@pytest.mark.slow
def test_a_page_is_one_trace_through_every_service(stack: Stack, collector: Collector) -> None:
    """Starts four processes: nothing less shows that the context crosses all of them."""
    client = 100_001
    with urlopen(f"{stack.url}?client={client}", timeout=60) as answer:
        assert answer.status == 200
    methods = [
        "clairscore.portfolio.v1.PortfolioService/GetClient",
        "clairscore.scoring.v1.ScoringService/Score",
        "clairscore.explain.v1.ExplainService/ExplainClient",
    ]

    def complete(spans: list[ReceivedSpan]) -> list[ReceivedSpan]:
        """The roots of pages whose every call has reached its service."""
        return [
            root
            for root in _of(spans, "open /", parent="")
            if all(_of(spans, method, kind=_SERVER, trace=root.trace) for method in methods)
            and all(_of(spans, method, kind=_CLIENT, trace=root.trace) for method in methods)
        ]

    spans = collector.wait(complete)
    root = complete(spans)[0]
    assert root.service == "clairscore-dashboard"
    served = {}
    for method in methods:
        _, server = _call(spans, method, root)
        served[server.service] = server
    assert set(served) == {"clairscore-portfolio", "clairscore-scoring", "clairscore-explain"}
    # What the services did is below their own spans.
    assert _of(spans, "score", parent=served["clairscore-scoring"].span)
    assert _of(spans, "SQL transaction", parent=served["clairscore-portfolio"].span)
    assert _of(spans, "TreeSHAP", parent=served["clairscore-explain"].span)
    assert str(client) not in str(spans)

    # The log has it under the same identifier, which is what an officer can report.
    line = stack.running["scoring"].wait_for_event("call", method="Score", trace_id=root.trace)
    assert line["request_id"] == root.trace


@pytest.mark.slow
def test_explaining_a_publication_is_one_trace_from_explain_to_portfolio(stack: Stack, collector: Collector) -> None:
    """With the running stack of the test before."""
    spans = collector.wait(lambda spans: _of(spans, "explain the portfolio"))
    (root,) = _of(spans, "explain the portfolio")
    read = f"{_PORTFOLIO}/ReadColumns"
    (client,) = _of(spans, read, service="clairscore-explain", kind=_CLIENT)
    assert (client.trace, client.parent) == (root.trace, root.span)
    (server,) = _of(
        collector.wait(lambda spans: _of(spans, read, kind=_SERVER)), read, kind=_SERVER, parent=client.span
    )
    assert (server.service, server.trace) == ("clairscore-portfolio", root.trace)
    # Looking for another publication every two seconds is no trace.
    assert not _of(spans, f"{_PORTFOLIO}/GetPublication", service="clairscore-explain")


@pytest.mark.slow
def test_a_service_that_is_down_marks_the_page(stack: Stack, collector: Collector) -> None:
    """With the running stack of the test before."""
    stack.stop("scoring")
    try:
        urlopen(f"{stack.url}?client=100002", timeout=60).close()
        method = "clairscore.scoring.v1.ScoringService/GetModel"
        spans = collector.wait(lambda spans: _of(spans, method, kind=_CLIENT, failed=True))
    finally:
        stack.start("scoring")
    (failed, *_) = _of(spans, method, kind=_CLIENT, failed=True)
    assert failed.attributes["rpc.response.status_code"] in {"UNAVAILABLE", "DEADLINE_EXCEEDED"}
