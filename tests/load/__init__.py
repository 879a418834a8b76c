"""Load that lasts: soak and the noisy neighbour."""
