"""Models: a language model so far."""

from tfseq.models.language_model import LanguageModel

__all__ = ["LanguageModel"]
