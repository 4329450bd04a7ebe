"""Dataset formats: files on one side, plain values on the other, no database."""
