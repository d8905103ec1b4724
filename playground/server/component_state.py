"""What a component's state in `st.session_state` is: Streamlit's mapping, of one class in place of one class a look.

Streamlit writes a class anew each time that it looks at a component's state. A class refers to itself, and these to the
session as well, so that all of it stays until Python looks for garbage: 1,800 of them in a minute of thirty visitors
(`docs/load.md`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Self

from streamlit.components.v2.bidi_component import main
from streamlit.errors import StreamlitAPIException
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state import SessionState

TRIGGERS = "json_trigger_value"  # kind of the value that holds a component's events


def install() -> None:
    """For all components of this process."""
    main.make_bidi_component_presenter = presenter


class ComponentState(dict[str, Any]):
    """Events and state of a component; what is set in it is set in the session. Its keys are attributes, too.

    The session keeps it; so that nothing goes in a ring, it has of the session only what it needs.
    """

    __slots__ = ("_component_id", "_keys", "_names", "_stored")

    def __init__(
        self, values: Mapping[str, Any], session_state: SessionState, component_id: str | None, keys: set[str] | None
    ) -> None:
        super().__init__(values)
        self._component_id, self._keys = component_id, keys
        self._stored, self._names = session_state._new_widget_state, session_state._key_id_mapper

    def __getattr__(self, name: str) -> Any:
        return self.get(name)

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_"):
            super().__setattr__(name, value)
        else:
            self[name] = value

    def __setitem__(self, key: str, value: Any) -> None:
        self._refuse_if_drawn(key)
        if self._keys is None or key in self._keys:
            super().__setitem__(key, value)
            self._store()

    def __delitem__(self, key: str) -> None:
        self._refuse_if_drawn(key)
        super().__delitem__(key)
        self._store()

    def __deepcopy__(self, memo: dict[int, Any]) -> Self:
        return self  # it stands for what is in the session

    def _refuse_if_drawn(self, key: str) -> None:
        ctx = get_script_run_ctx()
        if ctx is None or self._component_id is None:
            return
        name = self._names.get_key_from_id(self._component_id)
        if self._component_id in ctx.shared.widget_ids_this_run or name in ctx.shared.form_ids_this_run:
            raise StreamlitAPIException(
                f"`st.session_state.{name}.{key}` cannot be modified after the component with key `{name}` is "
                "instantiated."
            )

    def _store(self) -> None:
        if self._component_id is not None:
            self._stored.set_from_value(self._component_id, dict(self))


def presenter(
    aggregator_id: str, component_id: str | None = None, allowed_state_keys: set[str] | None = None
) -> Callable[[Any, SessionState], Any]:
    """What makes of a component's value, as the session holds it, what `st.session_state` shows; Streamlit's names."""

    def present(value: Any, session_state: SessionState) -> Any:
        widgets = session_state._new_widget_state
        aggregator = widgets.widget_metadata.get(aggregator_id)
        if not isinstance(value, dict) or aggregator is None or aggregator.value_type != TRIGGERS:
            return value
        events = dict(_events(widgets.get(aggregator_id)))
        return ComponentState({**events, **value}, session_state, component_id, allowed_state_keys)

    return present


def _events(payloads: Any) -> Iterator[tuple[str, Any]]:
    """Name and value of each event that a browser has sent."""
    for payload in payloads if isinstance(payloads, list) else [payloads]:
        if isinstance(payload, dict) and isinstance(payload.get("event"), str):
            yield payload["event"], payload.get("value")
