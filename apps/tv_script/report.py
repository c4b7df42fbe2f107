"""What a training run says about itself when it has ended."""

from tfseq.training import best_epoch

OVER_FITTED = 1.05  # held-out perplexity at the end against the best one


def training_report(history):
    """Training loss and held-out perplexity side by side, and what to make of them."""
    best = history[best_epoch(history)]
    last = history[-1]
    rows = [
        row for row in history if row in (best, last) or is_milestone(row["epoch"], len(history))
    ]
    lines = ["", "epoch   training loss   training perplexity   held-out perplexity"]
    for row in rows:
        mark = "  <- best, kept for generate" if row is best else ""
        lines.append(
            f"{row['epoch']:>5}   {row['loss']:>13.3f}   {row['perplexity']:>19.2f}   "
            f"{row['held_out_perplexity']:>19.2f}{mark}"
        )
    minutes = sum(row["seconds"] for row in history) / 60
    words = sum(row["words"] for row in history)
    lines += [
        "",
        f"{minutes:.1f} minutes, {words / minutes / 60:,.0f} words/s.",
        *verdict(best, last),
    ]
    return "\n".join(lines) + "\n"


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
