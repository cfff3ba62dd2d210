"""The page at ``/``: Gradio's, in our own frame and theme, behind a guard that hides the rest."""

from functools import partial
from pathlib import Path

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import FileResponse
from starlette.routing import Mount

from chatbot.bot import Chatbot
from chatbot.headers import PageGuard
from chatbot.quiet_gradio import gr
from chatbot.views import PROMISE, TITLE, create_page

FOOTER = "Quotes from archived policies. Not legal advice."
HEAD = f"""<title>{TITLE}</title>
<meta name="description" content="{PROMISE}">
<link rel="icon" href="data:image/svg+xml,\
<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 16 16'>\
<rect width='16' height='16' rx='4' fill='%230b6b62'/>\
<path d='M4 5h8M4 8h8M4 11h4' stroke='white' stroke-width='1.5'/></svg>">
<link rel="stylesheet" href="page.css">
<script src="page.js" defer></script>
"""
TOP = """<header id="top"><div><a href="#ask" class="brand">policychat</a>
<nav aria-label="Pages"><a href="#ask">Ask</a><a href="#read">Read</a>\
<a href="#changes">What changed</a><a href="#about">About</a></nav></div></header>
<div id="failure" role="alert"></div><div id="said" role="status"></div>
"""
FOOT = f"""<footer id="foot"><p>{FOOTER}</p></footer>
<noscript><p>This page needs JavaScript, all of it from this server.</p></noscript>
"""
STATIC = Path(__file__).parent / "static"


def mount_page(app: FastAPI) -> FastAPI:
    """Serve the page at ``/``, below every route that ``app`` has already."""
    for name in ("page.css", "page.js"):
        app.add_route(f"/{name}", partial(_static_file, STATIC / name), include_in_schema=False)

    def current() -> Chatbot:
        bot: Chatbot = app.state.bot
        return bot

    page, renew = create_page(current)
    gr.mount_gradio_app(
        app,
        page,
        "/",
        footer_links=[],
        run_history=False,
        show_error=False,
        max_file_size=0,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        mcp_server=False,
        theme=page_theme(),
    )
    mount = app.routes[-1]
    if not isinstance(mount, Mount):
        raise TypeError("Gradio no longer mounts its page as the last route")
    mount.app = PageGuard(mount.app, HEAD, TOP, FOOT, renew)
    return app


async def _static_file(path: Path, _: Request) -> FileResponse:
    """Our own file; asked for anew each time, answered only when it changed."""
    return FileResponse(path, headers={"Cache-Control": "no-cache"})


def page_theme() -> gr.themes.Base:
    """Plain surfaces, the system's fonts, one accent colour; page.css does the rest."""
    accent, bright = "#0b6b62", "#6cd0c2"
    return gr.themes.Base(
        neutral_hue="gray",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
    ).set(
        body_background_fill="#ffffff",
        body_background_fill_dark="#15191a",
        body_text_color="#1b2122",
        body_text_color_dark="#e7eaea",
        body_text_color_subdued="#586264",
        body_text_color_subdued_dark="#a3adae",
        border_color_primary="#d5dbda",
        border_color_primary_dark="#38413f",
        color_accent=accent,
        link_text_color=accent,
        link_text_color_dark=bright,
        link_text_color_hover=accent,
        link_text_color_hover_dark=bright,
        link_text_color_visited=accent,
        link_text_color_visited_dark=bright,
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#1c2223",
        background_fill_secondary="#eef4f3",
        background_fill_secondary_dark="#2a3434",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        input_background_fill="#ffffff",
        input_background_fill_dark="#1c2223",
        input_border_color="#8a9594",
        input_border_color_dark="#5c6866",
        input_border_color_focus=accent,
        input_border_color_focus_dark=bright,
        button_primary_background_fill=accent,
        button_primary_background_fill_dark=accent,
        button_primary_background_fill_hover="#085249",
        button_primary_background_fill_hover_dark="#0e7f74",
        button_primary_text_color="#ffffff",
        button_secondary_background_fill="transparent",
        button_secondary_background_fill_dark="transparent",
        button_secondary_background_fill_hover="#eef4f3",
        button_secondary_background_fill_hover_dark="#222b2b",
        button_secondary_text_color=accent,
        button_secondary_text_color_dark=bright,
    )
