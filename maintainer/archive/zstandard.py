"""Zstandard from the standard library (3.14 and later) or its backport."""

from __future__ import annotations

import sys

if sys.version_info >= (3, 14):
    from compression.zstd import CompressionParameter, ZstdCompressor, ZstdDecompressor, ZstdError
else:
    from backports.zstd import CompressionParameter, ZstdCompressor, ZstdDecompressor, ZstdError

__all__ = ["ZstdCompressor", "ZstdDecompressor", "ZstdError", "compressor"]

LEVEL = 1  # on rows of text and numbers 1 % larger than level 3, at two thirds of its time


def compressor() -> ZstdCompressor:
    """A compressor whose frames carry a checksum of their own."""
    return ZstdCompressor(
        options={
            CompressionParameter.compression_level: LEVEL,
            CompressionParameter.checksum_flag: 1,
        }
    )
