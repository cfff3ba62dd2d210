"""Gradio, told before it is imported to call nobody and to count nothing."""

import os

# It reads these when it is imported. Without the first three it calls home at every start;
# without the fourth it counts all events of the past with pandas after each new one.
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["HF_HUB_DISABLE_TELEMETRY"] = "1"
os.environ["GRADIO_ANALYTICS_CACHE_FREQUENCY"] = "1000000000"

import gradio as gr

__all__ = ["gr"]
