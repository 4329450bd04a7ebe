"""The REST API: one router per noun, thin over services; documented at /docs."""
