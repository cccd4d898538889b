"""The same private key, read a thousand times: cryptography proves its primes anew each time, which
takes 80 ms. Import this before anything that reads keys.
"""

import functools

from cryptography.hazmat.primitives import serialization

serialization.load_pem_private_key = functools.cache(serialization.load_pem_private_key)
