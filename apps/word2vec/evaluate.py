"""`evaluate`: how the vectors rank word pairs, and how many analogies they solve."""

from apps.word2vec.vectors import load
from tfseq.config import OptionError
from tfseq.word2vec import evaluation

SYNTACTIC = "gram"  # so Google's sections about grammar begin; the others are about meaning


def run(options):
    """Print the figures, each with how much of its file is known."""
    if not (options.similarity or options.analogies):
        raise OptionError("--similarity", "must be given, or --analogies, or both")
    pairs = read("--similarity", evaluation.read_pairs, options.similarity)
    sections = read("--analogies", evaluation.read_questions, options.analogies)
    lookup = evaluation.Lookup(*load(options))
    print(f"words                    {len(lookup.rows):,} of {options.vectors}")
    if pairs:
        show_similarity(evaluation.similarity(lookup, pairs))
    if sections:
        show_sections(evaluation.analogies(lookup, sections, options.method))


def read(option, reader, path):
    """What the file of an option holds; nothing where none is given."""
    if not path:
        return None
    try:
        return reader(path)
    except (OSError, ValueError) as error:
        raise OptionError(option, "must name a file that can be read", str(error)) from error


def show_similarity(found):
    """Spearman's rho."""
    print(f"pairs known              {share(found.known, found.pairs)}")
    print(f"Spearman's rho           {found.rho:.4f}")


def show_sections(sections):
    """The sections one by one, then together."""
    grammar = [part for part in sections if part.name.startswith(SYNTACTIC)]
    meaning = [part for part in sections if part not in grammar]
    rows = list(sections)
    if grammar and meaning:
        rows += [
            evaluation.total("meaning", meaning),
            evaluation.total("grammar", grammar),
        ]
    rows.append(evaluation.total("all sections", sections))
    width = max(24, *(len(part.name) for part in rows))
    print(f"{'analogies':<{width}}    right   of the questions known")
    for part in rows:
        known = share(part.asked, part.questions)
        accuracy = f"{part.accuracy:.2%}" if part.asked else "-"
        print(f"{part.name:<{width}} {accuracy:>8}   {part.right:,} of {known}")


def share(known, every):
    """How many of how many."""
    return f"{known:,} of {every:,} ({known / every:.1%})"
