"""What recurrent networks remember, and how gradients come back to them through time."""
