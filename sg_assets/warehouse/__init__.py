"""The warehouse: where tables live, and the only place that writes them."""
