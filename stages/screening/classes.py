"""The two classes of the network that screens: a digit, or anything else."""

NON_DIGIT, DIGIT = 0, 1
CLASSES = 2
LEAST = 0.5  # the least probability of DIGIT that passes: `screen` shifts the network's bias to have it so
