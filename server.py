"""The server for hosting, `streamlit run server.py`: the app, and beside it /healthz, /metrics, headers and logs."""

import streamlit as st
from starlette.middleware import Middleware

from playground import identity
from playground.server import headers, lifespan, logs, routes, visitor_cookie

logs.configure()
identity.use_cookie_of_page()
app = st.App(
    "streamlit_app.py",
    lifespan=lifespan.of_server,
    routes=routes.ROUTES,
    middleware=[
        Middleware(headers.ResponseHeaders),
        Middleware(headers.MetricsForAdmin),
        Middleware(visitor_cookie.VisitorCookie),
    ],
)
