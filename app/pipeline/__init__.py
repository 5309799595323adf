"""The product: one module for each arrow of the flow."""
