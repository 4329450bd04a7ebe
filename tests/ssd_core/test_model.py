"""The network predicts exactly the default boxes, for every size, head and backbone."""

from __future__ import annotations

import keras
import numpy as np
import pytest

from ssd_core.backbones import build_backbone
from ssd_core.config import BACKBONE_STRIDES, SSDConfig
from ssd_core.errors import InvalidConfig
from ssd_core.model import build_model, build_network


@pytest.mark.parametrize(
    ("size", "neck", "head"),
    [
        ((96, 96), "none", "depthwise"),
        ((128, 200), "none", "plain"),
        ((128, 200), "pyramid", "plain"),
        ((300, 300), "pyramid", "depthwise"),
    ],
)
def test_there_is_one_prediction_per_default_box(size: tuple[int, int], neck: str, head: str) -> None:
    config = SSDConfig(("nut", "bolt"), input_size_hw=size, neck=neck, head=head)  # type: ignore[arg-type]
    assert build_network(config, None).output_shape == (None, config.num_default_boxes, 4 + 3)


def test_seven_levels_have_one_prediction_per_default_box() -> None:
    config = SSDConfig(("nut",), input_size_hw=(448, 512))
    assert build_network(config, None).output_shape == (None, config.num_default_boxes, 4 + 2)


def test_the_notebook_s_model_predicts_8732_boxes() -> None:
    network = build_model(2, weights=None)
    assert network(np.zeros((1, 300, 300, 3), np.float32)).shape == (1, 8732, 6)


def test_a_model_without_classes_is_refused() -> None:
    with pytest.raises(InvalidConfig, match="num_classes"):
        build_model(1, weights=None)


@pytest.mark.parametrize("backbone", ["vgg16", "mobilenet_v3_large", "resnet50"])
def test_every_backbone_predicts_all_default_boxes(backbone: str) -> None:
    config = SSDConfig(("nut",), input_size_hw=(64, 96), backbone=backbone)
    network = build_network(config, None)
    assert network.output_shape == (None, config.num_default_boxes, 4 + 2)
    assert np.isfinite(network(np.full((1, 64, 96, 3), 90, np.float32))).all()


@pytest.mark.parametrize("backbone", list(BACKBONE_STRIDES))
def test_ssd512_predicts_24564_boxes_with_every_backbone(backbone: str) -> None:
    paper = backbone == "vgg16"
    config = SSDConfig(
        ("nut",),
        (512, 512),
        backbone,
        neck="none" if paper else "pyramid",
        head="plain" if paper else "depthwise",
    )
    assert build_network(config, None).output_shape == (None, 24564, 4 + 2)


def test_heads_of_a_pyramid_are_shared_and_keep_to_their_aspect_ratios() -> None:
    config = SSDConfig(("nut",), input_size_hw=(96, 96))
    network = build_network(config, None)
    head = network.get_layer("offsets")
    kernel, bias = head.get_weights()
    # Ratios ⅓, ½, 1, 2, 3 and the extra square say 0 to 5.
    shapes = np.repeat(np.arange(6, dtype=np.float32), 4)
    head.set_weights([np.zeros_like(kernel), shapes])
    said = network(np.zeros((1, 96, 96, 3), np.float32)).numpy()[0, :, 0]
    assert bias.shape == (24,)
    assert said[:4].tolist() == [1, 2, 3, 5]  # the finest level has ½, 1, 2 and the extra square
    second = 12 * 12 * 4
    assert said[second : second + 6].tolist() == [
        1,
        0,
        2,
        3,
        4,
        5,
    ]  # the next one ½, ⅓, 1, 2, 3 and the square
    assert said[-4:].tolist() == [1, 2, 3, 5]


def test_offsets_come_first_then_logits() -> None:
    config = SSDConfig(("nut",), input_size_hw=(96, 96), neck="none")
    network = build_network(config, None)
    for level in range(6):
        for part, value in (("offsets", 2.0), ("logits", 3.0)):
            layer = network.get_layer(f"{part}{level}")
            kernel, bias = layer.get_weights()
            layer.set_weights([np.zeros_like(kernel), np.full_like(bias, value)])
    prediction = network(np.zeros((1, 96, 96, 3), np.float32)).numpy()
    assert (prediction[..., :4] == 2).all()
    assert (prediction[..., 4:] == 3).all()


def test_a_prediction_belongs_to_the_cell_where_its_default_box_is() -> None:
    # A bright spot changes the finest level's predictions near it, and only there.
    config = SSDConfig(("nut",), input_size_hw=(128, 256), neck="none")
    network = build_network(config, None)
    dark = np.zeros((1, 128, 256, 3), np.float32)
    spot = dark.copy()
    spot[0, 60:68, 200:208] = 255
    change = np.abs(network(spot).numpy() - network(dark).numpy()).sum(-1)[0]
    rows, columns = config.feature_sizes_hw[0]
    finest = change[: rows * columns * 4].reshape(rows, columns, 4).sum(-1)
    row, column = np.unravel_index(finest.argmax(), finest.shape)
    assert abs(row * 8 + 4 - 64) <= 16
    assert abs(column * 8 + 4 - 204) <= 16
    assert finest[0, 0] == 0


def test_coarser_levels_pad_as_tensorflow_s_same_and_three_cells_become_one() -> None:
    # Levels of 13×7, 7×4, 4×2 and 2×1 cells follow the trunk's coarsest, 25×13.
    network = build_network(
        SSDConfig(("nut",), input_size_hw=(800, 400), scales=(0.1,) * 8, aspect_ratios=((1.0,),) * 7),
        None,
    )
    pads = [network.get_layer(f"extra{level}_pad").padding for level in range(4)]
    assert pads == [((1, 1), (1, 1)), ((1, 1), (1, 1)), ((1, 1), (0, 1)), ((0, 1), (0, 1))]
    small = build_network(SSDConfig(("nut",), input_size_hw=(96, 96)), None)
    assert small.get_layer("extra0_pad").padding == ((0, 0), (0, 0))


def test_equal_configs_and_seeds_give_equal_networks() -> None:
    config = SSDConfig(("nut",), input_size_hw=(96, 96))
    first, second = build_network(config, None, seed=3), build_network(config, None, seed=3)
    other = build_network(config, None, seed=4)
    for left, right in zip(first.get_weights(), second.get_weights(), strict=True):
        np.testing.assert_array_equal(left, right)
    assert not np.array_equal(
        first.get_layer("logits").get_weights()[0], other.get_layer("logits").get_weights()[0]
    )


@pytest.mark.parametrize("backbone", ["resnet50", "vgg16", "mobilenet_v3_large"])
def test_equal_seeds_give_equal_trunks_whatever_was_built_before(backbone: str) -> None:
    first, second = build_backbone(backbone, (32, 32), None, 3), build_backbone(backbone, (32, 32), None, 3)
    for left, right in zip(first.weights, second.weights, strict=True):
        assert left.shape == right.shape
        np.testing.assert_array_equal(left, right)


def test_a_network_from_json_is_the_network() -> None:
    config = SSDConfig(("nut", "bolt"), (64, 96), neck="none", head="plain", variances=(0.3, 0.7))
    first = build_network(config, None)
    second = build_network(SSDConfig.from_json(config.to_json()), None)
    assert [layer.name for layer in first.layers if layer.weights] == [
        layer.name for layer in second.layers if layer.weights
    ]
    image = np.random.default_rng(0).uniform(0, 255, (1, 64, 96, 3)).astype(np.float32)
    np.testing.assert_array_equal(first(image), second(image))


def test_new_norms_learn_fast_and_activations_are_there() -> None:
    network = build_network(SSDConfig(("nut",), input_size_hw=(96, 96)), None)
    norms = [layer for layer in network.layers if isinstance(layer, keras.layers.BatchNormalization)]
    # Three extra levels with three each; six laterals, six smoothings, two heads with one per level.
    assert len(norms) == 3 * 3 + 6 + 6 + 2 * 6
    assert {norm.momentum for norm in norms} == {0.9}
    for norm in norms:
        if not norm.name.startswith("lateral"):  # these are summed first
            (after,) = norm._outbound_nodes
            assert isinstance(after.operation, keras.layers.ReLU)


@pytest.mark.parametrize("precision", ["mixed_bfloat16", "mixed_float16"])
def test_weights_and_predictions_are_float32_under_mixed_precision(precision: str) -> None:
    before = keras.config.dtype_policy().name
    config = SSDConfig(("nut",), input_size_hw=(96, 96))
    network = build_network(config, None, precision=precision)
    assert keras.config.dtype_policy().name == before
    assert network.get_layer("offsets").compute_dtype == precision.removeprefix("mixed_")
    assert {weight.dtype for weight in network.weights} == {"float32"}
    prediction = network(np.full((1, 96, 96, 3), 200, np.float32))
    assert prediction.dtype == "float32"
    assert np.isfinite(prediction).all()
