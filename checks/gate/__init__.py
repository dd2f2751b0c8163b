"""The regression gate: compares the results that Git holds of two commits, image by image, and decides."""
