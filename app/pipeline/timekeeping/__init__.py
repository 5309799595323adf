"""The clock in; what stands in the future set right out, and a jump noted and told."""
