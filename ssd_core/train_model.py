"""From labelled images to a model folder in one call: fit, export, compare, evaluate, save.

TensorFlow is imported when the function is called, not with this module.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ssd_core.config import SSDConfig
from ssd_core.errors import InvalidArtifact, TrainingStopped
from ssd_core.example import Example
from ssd_core.progress import REPORT_INTERVAL, Progress
from ssd_core.train_config import TrainConfig

if TYPE_CHECKING:
    import keras

    from ssd_core.epochs import Epoch
    from ssd_core.validation import Look

#: Training images on which int8 is calibrated: more take longer (.1 s each) and change nothing that AP shows.
CALIBRATION_IMAGES = 32


def train_model(
    train: Sequence[Example],
    val: Sequence[Example],
    classes: Sequence[str],
    train_config: TrainConfig,
    run_folder: Path,
    model_folder: Path,
    *,
    backbone: str = "efficientnet_lite0",
    input_size: int | tuple[int, int] = 300,
    card: Mapping[str, Any] | None = None,
    initial: Path | None = None,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    on_epoch: Callable[[Epoch], None] = lambda epoch: None,
    on_look: Callable[[Look], None] = lambda look: None,
    should_stop: Callable[[], str | None] = lambda: None,
    should_finish: Callable[[], bool] = lambda: False,
) -> dict[str, Any]:
    """Train a detector and save it as a model folder.

    The folder holds the network as LiteRT in float32 and in int8, and the card a receipt of how far each is
    from the trained network (``parity``, see `parity_receipt`) with the ``runtime`` preferred and the reason.
    The metrics are those of that runtime on the validation images: of what people will use, not of what it
    was made from. The card suggests the score threshold with the best F1 on the same images, over all classes
    and for each class by its name (``thresholds``: ``score``, ``class_scores``, ``iou``).

    Args:
        train: the training images, at least one.
        val: the validation images; may be empty.
        classes: names without the background, in their frozen order.
        train_config: how to train.
        run_folder: for checkpoints; an unfinished run of equal arguments in it is resumed.
        model_folder: the folder to make; it appears complete or not at all.
        backbone: a key of `BACKBONE_STRIDES`.
        input_size: the network's input in pixels: one side of a square, or (height, width).
        card: what else the model's card shall say (``name``, ``snapshot`` …).
        initial: the folder of an earlier model to go on from; its classes go by name.
        on_progress: told how it gets on.
        on_epoch: told after each pass over the training images.
        on_look: shown what the network saw at each validation.
        should_stop: asked often; a word instead of None stops, and the run can be resumed.
        should_finish: true ends training early, with the best weights so far.

    Returns:
        ``{"split": "val", "AP", "AP50", "AP75", "AR100", "per_class", "images", "boxes", "training"}`` as
        `evaluate` gives them; ``training`` holds ``steps``, ``best_step``, ``seconds`` and
        ``images_per_second`` of the last process of the run and, where the run had to help itself,
        ``stopped_early``, ``images_at_once`` and ``rate_factor`` (see `FitResult`).

    Raises:
        InvalidExample: an image or box cannot be trained on; names it.
        InvalidConfig: a setting makes no sense, ``run_folder`` belongs to another run, or the earlier model
            is another kind of detector.
        InvalidArtifact: the network could not be exported, or the earlier model is damaged.
        WeightsUnavailable: the pretrained weights cannot be had.
        TrainingDiverged: the loss is no longer a number.
        OutOfMemory: not even one image at a time can be trained on.
        TrainingStopped: ``should_stop`` gave a reason; the state is saved.
    """
    from ssd_core.artifacts import save_model
    from ssd_core.evaluation import evaluate
    from ssd_core.nms import IOU_THRESHOLD
    from ssd_core.runtime import Detector
    from ssd_core.score_thresholds import best_score_thresholds
    from ssd_core.training import fit

    size_hw = (input_size, input_size) if isinstance(input_size, int) else input_size
    config = SSDConfig(tuple(classes), input_size_hw=size_hw, backbone=backbone)
    finishing = _Finishing(on_progress, should_stop, train_config.steps)
    result = fit(
        train,
        val,
        config,
        train_config,
        run_folder,
        initial=initial,
        on_progress=finishing.training,
        on_epoch=on_epoch,
        on_look=on_look,
        should_stop=should_stop,
        should_finish=should_finish,
    )
    finishing.go_on()
    litert, parity = _exports(result.network, config, train, val, finishing)
    detector = Detector(config, litert[parity["runtime"]])
    detections = []
    for example in val:
        finishing.go_on()
        detections.append(detector.predict_for_evaluation(example.image))
    metrics: dict[str, Any] = {"split": "val", **evaluate(detections, val, config.classes)}
    metrics["training"] = {
        "steps": result.steps,
        "best_step": result.best_step,
        "seconds": round(result.seconds, 1),
        "images_per_second": result.images_per_second,
        **result.troubles(),
    }
    best = best_score_thresholds(detections, val, config.classes)
    thresholds: dict[str, Any] = {"score": best["overall"], "iou": IOU_THRESHOLD}
    if val:
        thresholds["class_scores"] = {name: of["threshold"] for name, of in best["per_class"].items()}
    params = {**train_config.to_json(), "backbone": backbone, "input_size": list(config.input_size_hw)}
    known = {"metrics": metrics, "thresholds": thresholds, "parity": parity, "runtime": parity["runtime"]}
    finishing.go_on()
    save_model(
        model_folder, result.network, config, {"params": params, **(card or {}), **known}, litert=litert
    )
    return metrics


def _exports(
    network: keras.Model,
    config: SSDConfig,
    train: Sequence[Example],
    val: Sequence[Example],
    finishing: _Finishing,
) -> tuple[dict[str, bytes], dict[str, Any]]:
    """Export to float32 and int8, and compare both with the network.

    Returns:
        The exports by precision, and the receipt with ``runtime`` and ``reason``.
    """
    from ssd_core.export import to_litert, to_litert_int8
    from ssd_core.litert_backend import LiteRTBackend
    from ssd_core.parity import evenly_spread, parity_examples, parity_receipt, preferred_runtime
    from ssd_core.preprocess import resize_for_network
    from ssd_core.tensorflow_backend import TensorFlowBackend

    litert = {"float32": to_litert(network)}
    backends = {"float32": LiteRTBackend(config, litert["float32"])}
    failed = {}
    calibration = []
    for example in evenly_spread(train, CALIBRATION_IMAGES):
        finishing.go_on()
        calibration.append(resize_for_network(example.load(), config.input_size_hw))
    try:
        int8 = to_litert_int8(network, calibration, on_image=finishing.go_on)
        backends["int8"] = LiteRTBackend(config, int8, origin="the int8 export")
        litert["int8"] = int8
    except InvalidArtifact as fault:
        # The float32 export serves as well, only slower; a trained network is not thrown away for that.
        failed["int8"] = {"failed": str(fault)}
    receipt = parity_receipt(
        config,
        TensorFlowBackend(config, network).run,
        {precision: backend.run for precision, backend in backends.items()},
        parity_examples(train, val),
        on_image=finishing.go_on,
    )
    receipt["exports"] |= failed
    receipt["runtime"], receipt["reason"] = preferred_runtime(receipt)
    return litert, receipt


class _Finishing:
    """Keeps telling and asking after the last step, as `fit` did before it."""

    def __init__(
        self, on_progress: Callable[[Progress], None], should_stop: Callable[[], str | None], steps: int
    ) -> None:
        self._on_progress, self._should_stop, self._steps = on_progress, should_stop, steps
        self._last: Progress | None = None
        self._told = 0.0

    def training(self, progress: Progress) -> None:
        """Pass on what `fit` tells."""
        self._last = progress
        self._on_progress(progress)

    def go_on(self) -> None:
        """Tell that it is finishing, at most about twice a second, and stop if that is wanted."""
        reason = self._should_stop()
        if reason is not None:
            raise TrainingStopped(reason, self._steps)
        now = time.monotonic()
        if self._last is not None and now - self._told >= REPORT_INTERVAL:
            self._told = now
            self._on_progress(replace(self._last, phase="finishing", metrics=None))
