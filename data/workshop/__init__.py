"""Pictures of workshop parts, rendered with Pillow alone: meshes, light, benches, a camera and its flaws."""
