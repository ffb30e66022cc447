"""A stand-in for a server that speaks OpenAI's `/v1/videos` protocol, and real films to hand out."""

from sandbox.videos.api import create_app
from sandbox.videos.backend import Renderer, VideoBackend
from sandbox.videos.film import tiny_film
from sandbox.videos.manners import (
    LITELLM,
    LITELLM_VEO,
    NEWAPI,
    OPENAI,
    OPENAI_REDIRECTING,
    OPENROUTER,
    PRESETS,
    SGLANG,
    VLLM_OMNI,
    Manners,
)
from sandbox.videos.render import render_film
from sandbox.videos.rules import ANYTHING, SORA, Rules

__all__ = [
    "ANYTHING",
    "LITELLM",
    "LITELLM_VEO",
    "NEWAPI",
    "OPENAI",
    "OPENAI_REDIRECTING",
    "OPENROUTER",
    "PRESETS",
    "SGLANG",
    "SORA",
    "VLLM_OMNI",
    "Manners",
    "Renderer",
    "Rules",
    "VideoBackend",
    "create_app",
    "render_film",
    "tiny_film",
]
