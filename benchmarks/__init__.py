"""Side-by-side measurements behind every figure that the documentation states."""
