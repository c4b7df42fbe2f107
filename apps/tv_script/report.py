"""What a training run says about itself when it has ended."""

from tfseq.progress import epochs_table
from tfseq.training import best_epoch

OVER_FITTED = 1.05  # held-out perplexity at the end against the best one


def training_report(history):
    """Training loss and held-out perplexity side by side, and what to make of them."""
    best = history[best_epoch(history)]
    last = history[-1]
    rows = [
        row for row in history if row in (best, last) or is_milestone(row["epoch"], len(history))
    ]
    columns = {
        "training loss": ("loss", ".3f"),
        "training perplexity": ("perplexity", ".2f"),
        "held-out perplexity": ("held_out_perplexity", ".2f"),
    }
    table = epochs_table(history, columns, best, "generate", rows=rows)
    return table + "".join(f"{line}\n" for line in verdict(best, last))


def is_milestone(epoch, epochs):
    """Whether an epoch is one of about twenty that are shown of a long run."""
    return epoch == 1 or epoch % max(1, epochs // 20) == 0


def verdict(best, last):
    """Whether the run has learnt the text by heart."""
    ratio = last["held_out_perplexity"] / best["held_out_perplexity"]
    if ratio < OVER_FITTED:
        return []
    return [
        f"Over-fitted: after epoch {best['epoch']} the training loss fell on, from "
        f"{best['loss']:.3f} to {last['loss']:.3f}, while the",
        f"held-out perplexity rose {ratio:.1f} fold, from {best['held_out_perplexity']:.1f} to "
        f"{last['held_out_perplexity']:.1f}: the model learnt its training scenes",
        "by heart. A low training loss says nothing about scenes it has not seen.",
    ]
