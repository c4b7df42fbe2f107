"""The TV-script generator: a language model that learns from scripts and writes scenes."""
