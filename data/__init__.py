"""The dataset: images, classes, boxes, snapshots, runs and models in SQL, image files beside it."""
