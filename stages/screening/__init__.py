"""Digits and made-up non-digits, and the small network that learns to tell them apart."""
