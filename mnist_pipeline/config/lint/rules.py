"""The rules about a whole config: what cannot work together, and what is unwise.

The parameters of a rule are the sections that it needs. It runs only if these are valid, so that one mistake does not
hide the others.
"""

import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from mnist_pipeline.config.lint.callbacks import (
    callbacks_fit_optimizer,
    metric_names_are_unique,
    monitored_metrics_exist,
    patience_is_reachable,
)
from mnist_pipeline.config.lint.finding import Finding
from mnist_pipeline.config.lint.layers import augmentation_fits, network_can_learn, shapes_fit
from mnist_pipeline.config.lint.optimizer import (
    gradients_are_clipped_once,
    learning_rate_is_reasonable,
    schedule_fits,
)
from mnist_pipeline.config.lint.targets import loss_fits_target, metrics_fit_target, output_fits_loss

LINT_RULES: tuple[Callable[..., Iterator[Finding]], ...] = (
    shapes_fit,
    loss_fits_target,
    output_fits_loss,
    metrics_fit_target,
    metric_names_are_unique,
    monitored_metrics_exist,
    callbacks_fit_optimizer,
    patience_is_reachable,
    gradients_are_clipped_once,
    schedule_fits,
    learning_rate_is_reasonable,
    network_can_learn,
    augmentation_fits,
)


def lint(sections: Mapping[str, Any]) -> list[Finding]:
    """Findings of every rule whose sections are in `sections`."""
    findings: list[Finding] = []
    for rule in LINT_RULES:
        names = list(inspect.signature(rule).parameters)
        if all(name in sections for name in names):
            findings += rule(**{name: sections[name] for name in names})
    return findings
