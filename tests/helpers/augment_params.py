"""Augmentation that changes nothing, for tests that set one range of it."""

from stages.config.params import AugmentParams

NONE = AugmentParams(rotation=0, zoom=0, shear=0, shift=0, elastic=0, final_epochs=1, final_strength=0.5)
