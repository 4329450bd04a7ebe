"""Background jobs: the queue, the worker of each device, its keeper, and the trainer child."""
