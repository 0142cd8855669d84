"""What the story says of `configurations/orders.toml`: three classes, a value that may be missing."""

from logitd_client.models import Instance, InstanceAnswer, Prediction
from logitd_client.types import Unset

CLASSES = ["kept", "returned", "lost"]
POINTERS = ["/Order Total", "/class"]
WARNINGS = [("class", "imputed")]


def asked() -> Instance:
    return Instance(order_total=99.5)


def refused() -> Instance:
    return Instance(order_total=-1.0, class_=-2.0)


def scores(explained: Prediction | InstanceAnswer) -> dict[str, float]:
    """Each class's score, from the parts of the explanation."""
    contributions, baseline = explained.contributions, explained.baseline
    assert not isinstance(contributions, Unset) and not isinstance(baseline, Unset)
    return {
        name: baseline[name] + sum(contributions[name].additional_properties.values())
        for name in contributions.additional_keys
    }
