"""The short program that lies in each exported model and shows how it is used."""

from __future__ import annotations

_DECODED = '''\
"""Prints what the model sees in a photograph: python example.py photo.jpg

Needs: pip install {packages}
"""

import sys

{import_line}

from decoding import Decoder

decoder = Decoder()
images, size = decoder.prepare(sys.argv[1])
{prediction}
for name, score, box in decoder.detections(prediction, size):
    print(name, f"{{score:.2f}}", [round(side) for side in box])
'''


def _litert(file: str) -> str:
    return _DECODED.format(
        packages="ai-edge-litert numpy pillow",
        import_line="from ai_edge_litert.interpreter import Interpreter",
        prediction=f'''\
network = Interpreter(str(decoder.folder / "{file}"))
network.allocate_tensors()
network.set_tensor(network.get_input_details()[0]["index"], images)
network.invoke()
prediction = network.get_tensor(network.get_output_details()[0]["index"])''',
    )


_ONNX = _DECODED.format(
    packages="onnxruntime numpy pillow",
    import_line="import onnxruntime",
    prediction="""\
session = onnxruntime.InferenceSession(decoder.folder / "model.onnx")
(prediction,) = session.run(["predictions"], {"images": images})""",
)

_SAVED_MODEL = _DECODED.format(
    packages="tensorflow pillow",
    import_line="import tensorflow as tf",
    prediction="""\
model = tf.saved_model.load(str(decoder.folder / "saved_model"))
prediction = model.predict(tf.constant(images))["predictions"]""",
)

_FOLDER = '''\
"""Prints what the model sees in a photograph: python example.py photo.jpg

Needs: pip install ssd-studio
"""

import sys
from pathlib import Path

from ssd_core.runtime import Detector

detector = Detector.load(Path(__file__).parent)
suggested = detector.card.get("thresholds", {})
found = detector.predict(Path(sys.argv[1]), suggested.get("score", 0.5), suggested.get("iou", 0.45))
for box, score, class_id in zip(found.boxes_xyxy, found.scores, found.class_ids):
    print(detector.classes[class_id], f"{score:.2f}", [round(float(side)) for side in box])
'''

#: By format of the export.
PROGRAMS = {
    "litert": _litert("model.float32.tflite"),
    "litert_int8": _litert("model.int8.tflite"),
    "saved_model": _SAVED_MODEL,
    "onnx": _ONNX,
    "folder": _FOLDER,
}
