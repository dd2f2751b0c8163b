"""How the values of a measure read, and which direction is the worse one."""

from typing import NamedTuple


class Unit(NamedTuple):
    less_is_better: bool
    form: str  # of a value, as in str.format

    def value(self, value: float) -> str:
        return f"{{:{self.form}}}".format(value)

    def change(self, difference: float) -> str:
        return f"{{:+{self.form}}}".format(difference)

    def limit(self, limit: float) -> str:
        """Return a limit as params.yaml has it, in per cent if the values are."""
        if self.form.endswith("%"):
            return f"{100 * limit:.4g}%"
        return f"{limit:,.0f}" if self.form == ",.0f" else f"{limit:.4g}"


_SHARE = Unit(less_is_better=False, form=".3%")
_UNITS = {
    "loss": Unit(less_is_better=True, form=".5f"),  # nats
    "brier": Unit(less_is_better=True, form=".5f"),
    "ece": Unit(less_is_better=True, form=".3%"),
    "model_bytes": Unit(less_is_better=True, form=",.0f"),
    "speed": Unit(less_is_better=False, form=",.0f"),  # images per second
}


def unit_of(measure: str) -> Unit:
    return _UNITS.get(measure, _SHARE)
