"""The agents' options of a run, and their differences from the paper."""

from __future__ import annotations

from pathlib import Path

from agents.models.hosted.pricing import listed
from agents.models.local.full_prompts import full_context
from agents.models.local.model_file import is_local
from agents.models.model_registry import is_language_model, uses_litellm
from agents.models.settings import ModelSettings
from agents.roles.options import RoleOptions
from agents.text.prompt_templates import Prompts
from graph.config import Config

CONTEXT_TOKENS = 32_768
"""Assumed context of a model that litellm does not list."""
_SHARE_OF_LOCAL_CONTEXT = 0.4
"""A tokenizer that splits numbers into digits made a token of 1.6 characters of a prompt; the general rule is four."""


def prompts(config: Config) -> Prompts:
    """
    Raises:
        UserError: the folder of prompts cannot be used.
    """
    return Prompts(None if config.prompts is None else Path(config.prompts))


def role_options(config: Config, role: str) -> RoleOptions:
    """Options of the agent in a role."""
    return RoleOptions(
        navigator_memory=config.navigator_memory,
        generator_memory=config.generator_memory,
        generator_results=config.generator_results,
        single=config.one_conversation,
        evidence=config.evidence,
        prompts=prompts(config),
        context_tokens=context_tokens(config.models[role]),
    )


def context_tokens(settings: ModelSettings) -> int | None:
    """Context that a model and all its fallbacks have; None for models without a limit."""
    return min((_context(each) for each in settings.fallback_chain if is_language_model(each.name)), default=None)


def _context(settings: ModelSettings) -> int:
    name = settings.name
    if is_local(name) and (context := full_context(settings)):
        return int(context * _SHARE_OF_LOCAL_CONTEXT)
    known = listed(name).get("max_input_tokens") if uses_litellm(name) else None
    return known or CONTEXT_TOKENS


def differences(config: Config) -> list[str]:
    """Differences from the paper, a phrase each."""
    return [
        phrase
        for differs, phrase in (
            (config.one_conversation, "one model in both roles, one conversation"),
            (not config.navigator_memory, "a Navigator without memory"),
            (config.generator_memory, "a Generator with memory"),
            (config.analyst_share, f"{100 * config.analyst_share:g} % of each round by the analyst"),
            (config.generator_results, "a Generator that sees results"),
            (config.evidence, "statistics as evidence for the Navigator"),
            (config.prompts, f"prompts of {config.prompts}"),
            (config.interactive, "a reviewer of strategies"),
        )
        if differs
    ]
