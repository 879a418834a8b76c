"""New models: trained in the background, measured, let through a gate or refused, promoted, rolled back."""
