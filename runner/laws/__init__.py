"""What may happen to an order and an account: one law a file, pure, each sees one symbol."""
