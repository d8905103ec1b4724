"""The door: page settings, the menu from the catalogue, then the page that was asked for.

`streamlit run streamlit_app.py` imports it for its `app`, and runs it for each visitor.
"""

import streamlit as st

from playground import first_imports

with first_imports.one_at_a_time("app"):
    from starlette.middleware import Middleware

    from playground import identity, lesson, link_aliases, navigation, notebook, startup
    from playground.server import headers, lifespan, metrics, visitor_cookie

if __name__ != "__main__":
    identity.use_cookie_of_page()
    app = st.App(
        "streamlit_app.py",
        lifespan=lifespan.of_own_machine,
        middleware=[Middleware(headers.MetricsForAdmin), Middleware(visitor_cookie.VisitorCookie)],
    )
else:
    st.set_page_config(page_title="CNN Playground", page_icon=navigation.ICON, layout="wide")
    startup.import_torch_in_background()

    current, page = navigation.open_menu()
    if current is navigation.ADMIN:
        page.run()
        st.stop()
    lesson.header(current)
    link_aliases.apply(current.file)
    with metrics.RERUNS.measured(current.file, metrics.PAGE), notebook.page(current.file) as shown, lesson.friendly():
        page.run()
    lesson.footer(current, shown)
