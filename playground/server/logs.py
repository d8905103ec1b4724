"""What the log says, and as JSON lines where `CNN_PLAYGROUND_LOGS=json` asks for them: one object a line."""

from __future__ import annotations

import json
import logging
import os
from datetime import UTC, datetime

from starlette.requests import ClientDisconnect
from streamlit import logger as streamlit_logger

VARIABLE = "CNN_PLAYGROUND_LOGS"
ACCESS, SERVER = "uvicorn.access", "uvicorn.error"
_OF_EVERY_RECORD = {*logging.makeLogRecord({}).__dict__, "message", "asctime", "color_message"}


class JsonFormatter(logging.Formatter):
    """time (UTC), level, logger, message; the exception if there is one; and whatever was given as `extra`."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "message": record.getMessage(),
        }
        entry |= {key: value for key, value in record.__dict__.items() if key not in _OF_EVERY_RECORD}
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def is_worth_a_line(record: logging.LogRecord) -> bool:
    """Whether a record of the web server says more than that a browser was closed in mid-upload."""
    return not (record.exc_info and isinstance(record.exc_info[1], ClientDisconnect))


def is_no_request(record: logging.LogRecord) -> bool:
    """Never for the log of requests: addresses hold what visitors set and typed.

    Streamlit turns that log off, and on again whenever its configuration file is changed while the server runs.
    """
    return record.name != ACCESS


def configure() -> bool:
    """Have all loggers of this process write JSON lines if the variable asks for it; returns whether it does."""
    logging.getLogger(SERVER).addFilter(is_worth_a_line)
    logging.getLogger(ACCESS).addFilter(is_no_request)
    if os.environ.get(VARIABLE, "").strip().lower() != "json":
        return False
    logging.captureWarnings(True)
    root = logging.getLogger()
    root.setLevel(min(root.level or logging.INFO, logging.INFO))
    if not any(isinstance(handler.formatter, JsonFormatter) for handler in root.handlers):
        root.addHandler(_handler())
    streamlit_logger.setup_formatter = _use_json  # for the loggers that Streamlit makes from now on, each of its own
    streamlit_logger.update_formatter()
    return True


def _handler() -> logging.Handler:
    handler = logging.StreamHandler()
    handler.setFormatter(JsonFormatter())
    return handler


def _use_json(logger: logging.Logger) -> None:
    """In the place of `streamlit.logger.setup_formatter`: the logger's one console handler writes JSON."""
    for handler in [one for one in logger.handlers if type(one) is logging.StreamHandler]:
        logger.removeHandler(handler)
    if logger.name == ACCESS:
        return
    logger.streamlit_console_handler = _handler()  # type: ignore[attr-defined]
    logger.addHandler(logger.streamlit_console_handler)  # type: ignore[attr-defined]
