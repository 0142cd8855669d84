"""What the story says of the breast-cancer example: thirty features, two classes."""

from attrs import evolve
from logitd_client.models import Instance, InstanceAnswer, Prediction
from logitd_client.types import Unset

CLASSES = ["benign", "malignant"]
POINTERS = ["/mean_radius", "/worst_area"]
WARNINGS: list[tuple[str, str]] = []


def asked() -> Instance:
    return Instance(
        mean_radius=13.4,
        mean_texture=18.8,
        mean_perimeter=86.2,
        mean_area=551.0,
        mean_smoothness=0.0959,
        mean_compactness=0.0926,
        mean_concavity=0.0615,
        mean_concave_points=0.0335,
        mean_symmetry=0.179,
        mean_fractal_dimension=0.0615,
        radius_error=0.324,
        texture_error=1.11,
        perimeter_error=2.29,
        area_error=24.5,
        smoothness_error=0.00638,
        compactness_error=0.0204,
        concavity_error=0.0259,
        concave_points_error=0.0109,
        symmetry_error=0.0187,
        fractal_dimension_error=0.00319,
        worst_radius=15.0,
        worst_texture=25.4,
        worst_perimeter=97.7,
        worst_area=686.0,
        worst_smoothness=0.131,
        worst_compactness=0.212,
        worst_concavity=0.227,
        worst_concave_points=0.0999,
        worst_symmetry=0.282,
        worst_fractal_dimension=0.08,
    )


def refused() -> Instance:
    return evolve(asked(), mean_radius=-1.0, worst_area=-2.0)


def scores(explained: Prediction | InstanceAnswer) -> dict[str, float]:
    """The positive class's score, from the parts of the explanation."""
    contributions, baseline = explained.contributions, explained.baseline
    assert not isinstance(contributions, Unset) and not isinstance(baseline, Unset)
    return {"malignant": baseline + sum(contributions.additional_properties.values())}
