"""The server for hosting, `streamlit run server.py`: the app, and beside it /healthz, /metrics, headers and logs."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from playground import identity, navigation, startup
from playground.server import headers, logs, routes, visitor_cookie


@asynccontextmanager
async def lifespan(app: st.App) -> AsyncIterator[None]:
    """PyTorch is imported and runs of before are taken up before the first visitor comes; in the end they are left."""
    navigation.use_menu_from_the_start()
    identity.use_cookie_of_page()
    startup.import_torch_in_background()
    await run_in_threadpool(startup.import_pages)
    yield
    await run_in_threadpool(startup.close)


logs.configure()
app = st.App(
    "streamlit_app.py",
    lifespan=lifespan,
    routes=routes.ROUTES,
    middleware=[Middleware(headers.ResponseHeaders), Middleware(visitor_cookie.VisitorCookie)],
)
