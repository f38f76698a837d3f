"""Fits a line by gradient descent: a framework's result, computed inside the container."""

import jax
import jax.numpy as jnp

x = jnp.linspace(-1.0, 1.0, 64)
y = 3.0 * x + 0.5


@jax.jit
def step(weights):
    loss = lambda w: jnp.mean((w[0] * x + w[1] - y) ** 2)
    return weights - 0.4 * jax.grad(loss)(weights)


weights = jnp.zeros(2)
for _ in range(200):
    weights = step(weights)

print(f"jax {jax.__version__} on {jax.devices()[0].platform}: y = {weights[0]:.3f} x + {weights[1]:.3f}")
